import { randomUUID } from 'node:crypto';
import { type Collection, type Db, type Document } from 'mongodb';
import { ownCollections } from '../schema';
import { whoAmI, type Actor } from './actor';
import { isRecorded } from './changelog';
import { majority } from './durability';

/** Who holds the lease. Kept in one document that is never deleted, so that its token can only grow. */
export interface LeaseDocument {
  readonly _id: 'lease';
  /** Grows by one whenever the lease is taken: of two runs, the one with the larger token came later. */
  readonly token: number;
  /** Absent while nobody holds it. */
  readonly owner?: LeaseOwner;
  /** On the server's clock. */
  readonly taken_at?: Date;
  /** On the server's clock; the holder puts it off again and again. */
  readonly expires_at?: Date;
  /** Set by a bare `migrate-mongo` run that is done: others may take the lease once the changelog says so. */
  readonly recording?: { readonly migration: string; readonly direction: 'up' | 'down' };
}

export interface LeaseOwner extends Actor {
  /** Of this taking: another one by the same process has another id. */
  readonly id: string;
  /** What the holder is at, for people who wait. */
  readonly purpose: string;
}

/** What a holder of the lease knows of it. */
export interface Grant {
  readonly id: string;
  readonly token: number;
}

export function lockOf(db: Db): Collection<LeaseDocument> {
  return db.collection<LeaseDocument>(ownCollections.lock, {
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: majority,
  });
}

export function readLease(db: Db): Promise<LeaseDocument | null> {
  return lockOf(db).findOne({ _id: 'lease' });
}

/** Whether somebody holds a lease that has not run out, by the server's clock. */
export async function isHeld(db: Db): Promise<boolean> {
  return (await lockOf(db).findOne({ _id: 'lease', owner: { $exists: true }, ...unexpired })) !== null;
}

/** By the server's clock: the clocks of the machines that run migrations do not agree. */
const unexpired = { $expr: { $gt: ['$expires_at', '$$NOW'] } };

/**
 * Tries once to take the lease. Resolves to undefined, and changes nothing, while somebody else holds it.
 * One command decides, so of any number of takers one wins. The token is greater than `above`.
 */
export async function tryTake(db: Db, purpose: string, seconds: number, above = 0): Promise<Grant | undefined> {
  const owner = newOwner(purpose);
  const isFree = {
    $or: [{ $eq: [{ $type: '$owner' }, 'missing'] }, { $lte: [{ $ifNull: ['$expires_at', new Date(0)] }, '$$NOW'] }],
  };
  const taken = await lockOf(db).findOneAndUpdate(
    { _id: 'lease' },
    [{ $replaceWith: { $cond: [isFree, takenBy(owner, seconds, above), '$$ROOT'] } }],
    { upsert: true, returnDocument: 'after' },
  );
  if (taken?.owner?.id === owner.id) return { id: owner.id, token: taken.token };
  // A bare run whose row in the changelog is written (or gone) will not touch the database again.
  return taken?.recording && (await isRecorded(db, taken.recording))
    ? takeFrom(db, { token: taken.token, recording: { $exists: true } }, owner, seconds, above)
    : undefined;
}

function newOwner(purpose: string): LeaseOwner {
  return { id: randomUUID(), purpose, ...whoAmI() };
}

async function takeFrom(
  db: Db,
  held: Document,
  owner: LeaseOwner,
  seconds: number,
  above = 0,
): Promise<Grant | undefined> {
  const taken = await lockOf(db).findOneAndUpdate(
    { ...held, _id: 'lease' },
    [{ $replaceWith: takenBy(owner, seconds, above) }],
    { returnDocument: 'after' },
  );
  return taken ? { id: owner.id, token: taken.token } : undefined;
}

function takenBy(owner: LeaseOwner, seconds: number, above: number): Document {
  return {
    _id: 'lease',
    token: { $add: [{ $max: ['$token', above] }, 1] },
    owner: { $literal: owner },
    taken_at: '$$NOW',
    expires_at: inSeconds(seconds),
  };
}

function inSeconds(seconds: number): Document {
  return { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: seconds } };
}

/** Matches the lease only while this grant holds it. A run that wakes after its lease ran out must not get it back. */
function held({ id, token }: Grant): Document {
  return { _id: 'lease', token, 'owner.id': id, ...unexpired };
}

/** Puts the expiry off. Resolves to false when the lease is no longer this grant's: it never takes it again. */
export async function renew(db: Db, grant: Grant, seconds: number): Promise<boolean> {
  const { matchedCount } = await lockOf(db).updateOne(held(grant), [{ $set: { expires_at: inSeconds(seconds) } }]);
  return matchedCount === 1;
}

/** Whether this grant holds the lease, as the primary knows it. */
export async function holds(db: Db, grant: Grant): Promise<boolean> {
  return (await lockOf(db).findOne(held(grant), { projection: { _id: 1 } })) !== null;
}

/** Gives the lease up; does nothing when it is no longer this grant's. */
export async function release(db: Db, { id, token }: Grant): Promise<void> {
  await lockOf(db).updateOne({ _id: 'lease', token, 'owner.id': id }, { $unset: freed });
}

const freed = { owner: '', taken_at: '', expires_at: '', recording: '' } as const;

/** Leaves the lease to whoever sees the changelog's row come (or go), or else to its expiry. */
export async function markRecording(
  db: Db,
  grant: Grant,
  recording: NonNullable<LeaseDocument['recording']>,
  seconds: number,
): Promise<void> {
  const mark = [{ $set: { recording: { $literal: recording }, expires_at: inSeconds(seconds) } }];
  await lockOf(db).updateOne(held(grant), mark);
}

/**
 * Takes the lease away from the holder of a token, in one command, so that nobody else comes in between. The token grows:
 * a holder that wakes up later finds that it has lost the lease. Resolves to undefined when it is held by another by now.
 */
export async function takeOver(db: Db, token: number, purpose: string, seconds: number): Promise<Grant | undefined> {
  return takeFrom(db, { token }, newOwner(purpose), seconds);
}
