import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { type Collection, type Db, type Document } from 'mongodb';
import { ownCollections } from '../schema';
import { whoAmI, type Actor } from './actor';
import { isRecorded } from './changelog';
import { readNewestToken } from './events';
import { isToken, largestUsable } from './token';
import { majority } from '../database/durability';
import { isDate, numberOr, textOr } from './shapes';
import { SchemaError } from '../support/schema-error';
import { isObject } from '../support/is-object';

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
  /** When its holder last did so, on the server's clock; absent in a lease that an earlier version took. */
  readonly renewed_at?: Date;
  /**
   * The lease was taken from a holder that did not release it, or a holder gave up a write that was not answered. A command
   * of that one may still be on its way to the server: a run guards against it, and removes this mark at its end. Whoever else takes the lease leaves it to the next run.
   */
  readonly unsettled?: boolean;
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
  /** Whether a command of an earlier holder may still be on its way to the server. */
  readonly unsettled: boolean;
}

export function lockOf(db: Db): Collection<LeaseDocument> {
  return db.collection<LeaseDocument>(ownCollections.lock, {
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: majority,
  });
}

/** Who holds the lease, or held it, whatever shape the document has: what is not of its type is left out. */
export async function readLease(db: Db): Promise<LeaseDocument | null> {
  const found = await lockOf(db).findOne<Document>({ _id: 'lease' });
  if (!found) return null;
  const { owner, taken_at, expires_at, renewed_at, recording } = found;
  return {
    _id: 'lease',
    token: found['token'] as number,
    ...(owner !== undefined && owner !== null && { owner: toOwner(owner) }),
    ...(isDate(taken_at) && { taken_at }),
    ...(isDate(expires_at) && { expires_at }),
    ...(isDate(renewed_at) && { renewed_at }),
    ...(isObject(recording) && { recording: toRecording(recording) }),
    ...(found['unsettled'] === true && { unsettled: true }),
  };
}

function toOwner(owner: unknown): LeaseOwner {
  const { id, purpose, user, host, pid } = isObject(owner) ? owner : {};
  return {
    id: textOr(id, ''),
    purpose: textOr(purpose, 'unknown'),
    user: textOr(user, 'unknown'),
    host: textOr(host, 'unknown'),
    pid: numberOr(pid, 0),
  };
}

function toRecording({ migration, direction }: Readonly<Record<string, unknown>>) {
  return { migration: textOr(migration, 'unknown'), direction: direction === 'down' ? direction : 'up' } as const;
}

/** Whether somebody holds a lease that has not run out, by the server's clock. */
export async function isHeld(db: Db): Promise<boolean> {
  return (await lockOf(db).findOne({ _id: 'lease', owner: { $exists: true }, ...unexpired })) !== null;
}

/** By the server's clock: the clocks of the machines that run migrations do not agree. */
const unexpired = { $expr: { $gt: ['$expires_at', '$$NOW'] } };

/**
 * Tries once to take the lease. Resolves to undefined, and changes nothing, while somebody else holds it.
 * One command decides, so of any number of takers one wins. The token is greater than `above`. With the same `id` again it
 * finds what it took when the reply was lost.
 */
export async function tryTake(
  db: Db,
  purpose: string,
  seconds: number,
  atLeast = 0,
  id: string = randomUUID(),
): Promise<Grant | undefined> {
  const owner = newOwner(purpose, id);
  const above = Math.max(atLeast, await largestToken(db));
  const isFree = {
    $or: [{ $eq: [{ $type: '$owner' }, 'missing'] }, { $lte: [{ $ifNull: ['$expires_at', new Date(0)] }, '$$NOW'] }],
  };
  const taken = await lockOf(db).findOneAndUpdate(
    { _id: 'lease' },
    [{ $replaceWith: { $cond: [isFree, takenBy(owner, seconds, above), '$$ROOT'] } }],
    { upsert: true, returnDocument: 'after' },
  );
  if (taken?.owner?.id === owner.id) return grantOf(taken, owner);
  // A bare run whose row in the changelog is written (or gone) will not touch the database again.
  return taken?.recording && (await isRecorded(db, taken.recording))
    ? takeFrom(db, { token: taken.token, recording: { $exists: true } }, owner, seconds, above)
    : undefined;
}

function newOwner(purpose: string, id: string = randomUUID()): LeaseOwner {
  return { id, purpose, ...whoAmI() };
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
  return taken ? grantOf(taken, owner) : undefined;
}

function grantOf({ token, unsettled = false }: LeaseDocument, { id }: LeaseOwner): Grant {
  return { id, token, unsettled };
}

/**
 * The largest token that was ever given, as far as the database tells. After a plain mongorestore the lease document can be
 * missing or older than the history. No token may be issued twice even then, because events are ordered by token.
 * @throws error with code `HISTORY` for one that no run can have taken.
 */
async function largestToken(db: Db): Promise<number> {
  const [lease, newest] = await Promise.all([readLease(db), readNewestToken(db)]);
  const given = [
    [ownCollections.lock, lease?.token],
    [ownCollections.history, newest],
  ] as const;
  for (const [collection, token] of given) refuseToken(token, collection);
  return Math.max(lease?.token ?? 0, newest ?? 0);
}

/**
 * A token that is no whole number, or so large that no larger one can be told from it, would end the order of events.
 * @throws error with code `HISTORY` that says how to correct it
 */
export function refuseToken(token: unknown, collection: string): void {
  // An event that somebody wrote by hand may lack one: it is before all others then.
  if (token === undefined || isToken(token)) return;
  const isLease = collection === ownCollections.lock;
  const query = isLease ? '{ _id: "lease" }' : '{ token: THE_TOKEN }';
  throw new SchemaError('HISTORY', `The token in ${collection} is not one that a run can have taken`, {
    why: `it is ${inspect(token)}; tokens are whole numbers from 0 to ${largestUsable}, and each run takes the next one`,
    fix: isLease
      ? `set it to 0, in mongosh: db.${collection}.updateOne(${query}, { $set: { token: 0 } }); the next run continues after the newest event of ${ownCollections.history}`
      : `look at the event, and remove it if no run wrote it, in mongosh: db.${collection}.deleteOne(${query})`,
  });
}

function takenBy(owner: LeaseOwner, seconds: number, above: number): Document {
  return {
    _id: 'lease',
    token: { $add: [{ $max: ['$token', above] }, 1] },
    owner: { $literal: owner },
    taken_at: '$$NOW',
    ...renewedFor(seconds),
    unsettled: { $cond: [wasLeft, true, '$$REMOVE'] },
  };
}

/**
 * Whether a holder did not end: it holds the lease still, or somebody cleared it. A bare run that is recording has had the
 * answers to all it sent.
 */
const wasLeft = {
  $or: [
    { $eq: ['$unsettled', true] },
    { $and: [{ $ne: [{ $type: '$owner' }, 'missing'] }, { $eq: [{ $type: '$recording' }, 'missing'] }] },
  ],
};

/** The times of a lease that is taken or renewed now. */
function renewedFor(seconds: number): Document {
  return { expires_at: inSeconds(seconds), renewed_at: '$$NOW' };
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
  const { matchedCount } = await lockOf(db).updateOne(held(grant), [{ $set: renewedFor(seconds) }]);
  return matchedCount === 1;
}

/** Whether this grant holds the lease, as the primary knows it. */
export async function holds(db: Db, grant: Grant): Promise<boolean> {
  return (await lockOf(db).findOne(held(grant), { projection: { _id: 1 } })) !== null;
}

/** Gives the lease up; does nothing when it is no longer this grant's. What is unsettled stays so, for the next holder. */
export async function release(db: Db, { id, token }: Grant): Promise<void> {
  await lockOf(db).updateOne({ _id: 'lease', token, 'owner.id': id }, { $unset: freed });
}

/** Notes that no command of an earlier holder can do harm any more; does nothing when the lease is no longer this grant's. */
export async function settle(db: Db, grant: Grant): Promise<void> {
  await lockOf(db).updateOne(held(grant), { $unset: { unsettled: '' } });
}

/** Notes that a command of this run may still be on its way to the server: the next run guards against it. */
export async function unsettle(db: Db, grant: Grant): Promise<void> {
  await lockOf(db).updateOne(held(grant), { $set: { unsettled: true } });
}

const freed = { owner: '', taken_at: '', expires_at: '', renewed_at: '', recording: '' } as const;

/** Leaves the lease to whoever sees the changelog's row come (or go), or else to its expiry. */
export async function markRecording(
  db: Db,
  grant: Grant,
  recording: NonNullable<LeaseDocument['recording']>,
  seconds: number,
): Promise<void> {
  const mark = [{ $set: { recording: { $literal: recording }, ...renewedFor(seconds) } }];
  await lockOf(db).updateOne(held(grant), mark);
}

/**
 * Takes the lease away from the holder of a token, in one command, so that nobody else comes in between. The token grows:
 * a holder that wakes up later finds that it has lost the lease. Resolves to undefined when it is held by another by now.
 */
export async function takeOver(db: Db, token: number, purpose: string, seconds: number): Promise<Grant | undefined> {
  return takeFrom(db, { token }, newOwner(purpose), seconds, await largestToken(db));
}
