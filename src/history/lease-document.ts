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

/** The document of the lease, with its holder. The document is never deleted, so that its token can only grow. */
export interface LeaseDocument {
  readonly _id: 'lease';
  /** Grows by one whenever the lease is taken. Of two runs, the run with the larger token took the lease later. */
  readonly token: number;
  /** The holder of the lease; undefined while nobody holds it. */
  readonly owner?: LeaseOwner;
  /** When the lease was taken, by the server's clock. */
  readonly taken_at?: Date;
  /** When the lease expires, by the server's clock. The holder moves this time forward at each renewal. */
  readonly expires_at?: Date;
  /** When the holder last renewed the lease, by the server's clock; undefined when an earlier version of this tool took the lease. */
  readonly renewed_at?: Date;
  /**
   * Whether a command of an earlier holder may still arrive at the server: the holder did not release the lease, or got no answer
   * to a write. The next run guards against such a command, and removes this mark at its end. A holder that is not a run leaves the mark in place.
   */
  readonly unsettled?: boolean;
  /**
   * Set by a run that a person started with `migrate-mongo` directly, when its migration is done. Other runs may take the lease once the
   * changelog shows this change.
   */
  readonly recording?: { readonly migration: string; readonly direction: 'up' | 'down' };
}

export interface LeaseOwner extends Actor {
  /** The id of this grant. The same process gets a new id each time it takes the lease. */
  readonly id: string;
  /** What the holder does. People who wait for the lease see this text. */
  readonly purpose: string;
}

/** The data with which a holder proves that it holds the lease. */
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

/** Returns the lease with its current or last holder. Leaves out fields of the wrong type. */
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

/** Returns whether someone holds a lease that has not expired, by the server's clock. */
export async function isHeld(db: Db): Promise<boolean> {
  return (await lockOf(db).findOne({ _id: 'lease', owner: { $exists: true }, ...unexpired })) !== null;
}

/** Matches an unexpired lease by the server's clock, because the clocks of the machines that run migrations differ. */
const unexpired = { $expr: { $gt: ['$expires_at', '$$NOW'] } };

/**
 * Tries once to take the lease. Resolves to undefined, and changes nothing, while someone else holds the lease. The attempt is a single
 * command, so only one of several runs gets the lease. The new token is greater than `atLeast`. After a lost reply, call this function
 * again with the same `id`: the second call then finds the lease that the first call took.
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
  // A run under migrate-mongo does not touch the database again after it has written or removed its row in the changelog, so its lease is
  // free.
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
 * Returns the largest token that was ever given, from the lease and from the events. After a plain mongorestore the lease document
 * can be missing or older than the history. Even in that case, no token may be given twice, because events are ordered by token.
 * @throws error with code `HISTORY` for an invalid token.
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
 * Refuses a token that is not a whole number, or that is too large to be increased exactly. Such a token could not order events.
 * @throws error with code `HISTORY` that says how to correct the token
 */
export function refuseToken(token: unknown, collection: string): void {
  // An event that was inserted by hand may lack a token. Such an event comes before all others.
  if (token === undefined || isToken(token)) return;
  const isLease = collection === ownCollections.lock;
  const query = isLease ? '{ _id: "lease" }' : '{ token: THE_TOKEN }';
  throw new SchemaError('HISTORY', `The token in ${collection} is invalid: no run can have written it`, {
    why: `the token is ${inspect(token)}; tokens are whole numbers from 0 to ${largestUsable}, and each run takes the next one`,
    fix: isLease
      ? `set the token to 0, in mongosh: db.${collection}.updateOne(${query}, { $set: { token: 0 } }); the next run continues after the newest event of ${ownCollections.history}`
      : `look at the event; if no run wrote it, remove it in mongosh: db.${collection}.deleteOne(${query})`,
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
 * True when the previous holder did not release the lease: the lease is still held, or someone cleared it. A run under migrate-mongo that
 * is recording its result does not count, since the server has answered all its commands.
 */
const wasLeft = {
  $or: [
    { $eq: ['$unsettled', true] },
    { $and: [{ $ne: [{ $type: '$owner' }, 'missing'] }, { $eq: [{ $type: '$recording' }, 'missing'] }] },
  ],
};

/** Returns the expiry and the renewal time of a lease that is taken or renewed now. */
function renewedFor(seconds: number): Document {
  return { expires_at: inSeconds(seconds), renewed_at: '$$NOW' };
}

function inSeconds(seconds: number): Document {
  return { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: seconds } };
}

/** Matches the lease only while this grant holds it. A paused run whose lease has expired must not get the lease back. */
function held({ id, token }: Grant): Document {
  return { _id: 'lease', token, 'owner.id': id, ...unexpired };
}

/** Renews the lease. Resolves to false when this grant no longer holds the lease, and never takes the lease again. */
export async function renew(db: Db, grant: Grant, seconds: number): Promise<boolean> {
  const { matchedCount } = await lockOf(db).updateOne(held(grant), [{ $set: renewedFor(seconds) }]);
  return matchedCount === 1;
}

/** Returns whether this grant holds the lease, according to the primary. */
export async function holds(db: Db, grant: Grant): Promise<boolean> {
  return (await lockOf(db).findOne(held(grant), { projection: { _id: 1 } })) !== null;
}

/** Releases the lease. Does nothing when this grant no longer holds the lease. The mark `unsettled` is kept for the next holder. */
export async function release(db: Db, { id, token }: Grant): Promise<void> {
  await lockOf(db).updateOne({ _id: 'lease', token, 'owner.id': id }, { $unset: freed });
}

/** Removes the mark `unsettled`: no command of an earlier holder can arrive any more. Does nothing when this grant no longer holds the lease. */
export async function settle(db: Db, grant: Grant): Promise<void> {
  await lockOf(db).updateOne(held(grant), { $unset: { unsettled: '' } });
}

/** Sets the mark `unsettled`: a command of this run may still arrive at the server. The next run guards against this command. */
export async function unsettle(db: Db, grant: Grant): Promise<void> {
  await lockOf(db).updateOne(held(grant), { $set: { unsettled: true } });
}

const freed = { owner: '', taken_at: '', expires_at: '', renewed_at: '', recording: '' } as const;

/** Leaves the lease held until the changelog shows this change, or until the lease expires. */
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
 * Takes the lease from the holder of a token, in one command, so that no other run can take it in between. The token grows, so
 * the old holder finds that it has lost the lease. Resolves to undefined when another holder has the lease by now.
 */
export async function takeOver(db: Db, token: number, purpose: string, seconds: number): Promise<Grant | undefined> {
  return takeFrom(db, { token }, newOwner(purpose), seconds, await largestToken(db));
}
