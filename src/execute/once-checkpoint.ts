import { createHash } from 'node:crypto';
import { BSON, MongoServerError, type Binary, type ClientSession, type Document } from 'mongodb';
import { majority } from '../database/durability';
import { unauthorized } from '../database/server-errors';
import type { BatchUpdate, UpdateCounts } from '../migration/types';
import { ownCollections } from '../schema';
import { bytesOf, exactField } from '../support/exact-bson';
import { SchemaError } from '../support/schema-error';
import { largestId, type Boundary } from './id-ranges';
import { writeWithin, type Session } from './session';
import type { StoredPace } from './stored-pace';

/** An update that must be applied to each document exactly once. */
export interface OnceUpdate extends BatchUpdate {
  readonly collection: string;
  /** The name of the checkpoint. */
  readonly checkpoint: string;
  /** The filter and the update as the migration contains them. The filter that a run uses may be narrower. */
  readonly written: Pick<BatchUpdate, 'filter' | 'update'>;
  /** The name of the checkpoint of the opposite update, which this update undoes, or which undoes this update. */
  readonly counterpart: string;
  readonly isUndo: boolean;
  readonly progress: (done: number, total: number) => void;
}

/** The stored checkpoint. The checkpoint is kept after the update is done, because the documents do not show that they were updated. */
interface Checkpoint extends UpdateCounts {
  readonly _id: string;
  /** The token of the lease of the run that makes the update. */
  readonly token: number;
  /** The id of the driver's session. A transaction of this session may still be open. */
  readonly session: Binary;
  /** The sha256 (hex) of the filter and the update. */
  readonly hash: string;
  readonly done: number;
  readonly finished: boolean;
  /** The rate of the update, from which `status` computes the remaining time. */
  readonly pace?: StoredPace;
}

/** A checkpoint whose `_id`s are values that the driver sends with exactly the stored bytes. */
export interface Position extends Checkpoint {
  /** The last updated `_id`. */
  readonly last: Boundary | undefined;
  /** The largest `_id` to update. */
  readonly upper: Boundary | undefined;
}

/** How many times a run tries to take over the update from another run. */
const mostTries = 30;

/** Reads the progress of the update, and makes sure that no other run continues the update. */
export async function takeOver(session: Session, update: OnceUpdate, transactions: ClientSession): Promise<Position> {
  const { checkpoint, counterpart } = update;
  for (let tries = 1; ; tries++) {
    const [found, other] = [await readPosition(session, checkpoint), await readPosition(session, counterpart)];
    for (const position of [found, other]) await endTransaction(session, position);
    if (other && !update.isUndo) {
      if (!other.finished) throw halfUndone(update);
      // The update was undone, so start the update from the beginning.
      await forget(session, [checkpoint, counterpart]);
      continue;
    }
    if (found && found.hash !== hashOf(update)) throw editedMeanwhile(update, found);
    const taken = await take(session, transactions, found, found ?? (await beginning(session, update, other)));
    if (taken) return taken;
    // The checkpoint has changed since it was read: the old transaction was committed, or another run was faster and has the lease.
    await session.guard();
    if (tries >= mostTries) throw takenOver();
  }
}

/**
 * Stores the progress of the update, in the transaction of its batch.
 * @throws error with code `LOCKED` when another run has taken over the update.
 */
export async function save(
  session: Session,
  _id: string,
  { token, session: own, last, done, matched, updated, finished, pace }: Position,
  transactions: ClientSession,
): Promise<void> {
  const u = { $set: { ...(last && { last: last.value }), done, matched, updated, finished, ...(pace && { pace }) } };
  const updates = [{ q: { _id, token, session: own }, u }];
  const reply = await writeWithin(transactions, session, { update: ownCollections.checkpoints, updates });
  if (Number(reply['n']) !== 1) throw takenOver();
}

function takenOver(): SchemaError {
  return new SchemaError('LOCKED', 'Another run has taken over the update, so this run stopped writing', {
    fix: 'wait for the other run; `status` shows it',
  });
}

/**
 * Returns the checkpoint of an update that has not begun, with its range. An update that undoes another update ends where the undone update
 * had ended.
 */
async function beginning(
  { db }: Session,
  update: OnceUpdate,
  undone: Position | undefined,
): Promise<Omit<Position, 'token' | 'session'>> {
  const reached = undone?.finished === false ? undone.last : undone?.upper;
  const upper = undone ? reached : await largestId(db, update.collection);
  const counts = { matched: 0, updated: 0, done: 0 };
  return {
    _id: update.checkpoint,
    hash: hashOf(update),
    last: undefined,
    upper,
    ...counts,
    finished: upper === undefined,
  };
}

/** Stores this run as the new owner of the update, if the checkpoint has not changed since `found` was read. */
async function take(
  { db, guard, token = 0 }: Session,
  transactions: ClientSession,
  found: Position | undefined,
  { last, upper, ...position }: Omit<Position, 'token' | 'session'>,
): Promise<Position | undefined> {
  const taken: Checkpoint = { ...position, token, session: transactions.id?.['id'] as Binary };
  const stored = { ...taken, ...(last && { last: last.value }), ...(upper && { upper: upper.value }) };
  const { _id } = taken;
  const checkpoints = db.collection<{ _id: string }>(ownCollections.checkpoints, { writeConcern: majority });
  await guard();
  if (found) {
    const asRead = { _id, token: { $eq: found.token, $lte: token }, session: found.session, done: found.done };
    const { matchedCount } = await checkpoints.replaceOne(asRead, stored);
    if (matchedCount !== 1) return undefined;
  } else {
    const isOurs = await checkpoints.insertOne(stored).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MongoServerError && error.code === 11000) return false;
        throw error;
      },
    );
    if (!isOurs) return undefined;
  }
  return { ...taken, last, upper };
}

async function readPosition({ db }: Session, _id: string): Promise<Position | undefined> {
  // Read the newest data, even if a majority does not have it yet: a batch that is already written must not run again.
  const options = { readPreference: 'primary', readConcern: { level: 'local' }, raw: true } as const;
  const raw = await db.collection<{ _id: string }>(ownCollections.checkpoints).findOne({ _id }, options);
  if (!raw) return undefined;
  const bytes = bytesOf(raw);
  const { last: _last, upper: _upper, ...stored } = BSON.deserialize(bytes) as Checkpoint & Document;
  return { ...(stored as Checkpoint), last: exactField(bytes, 'last'), upper: exactField(bytes, 'upper') };
}

/** Ends the transaction that a dead run may have left open. For a minute, an open transaction would block the documents that it wrote. */
async function endTransaction({ db, guard }: Session, position: Position | undefined): Promise<void> {
  if (!position || position.finished) return;
  await guard();
  await db
    .admin()
    .command({ killSessions: [{ id: position.session }] })
    .catch((error: unknown) => {
      // Another user began the transaction, so this user may not end it. The transaction cannot be committed once the checkpoint is taken
      // over.
      if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error;
    });
}

async function forget({ db, guard }: Session, ids: readonly string[]): Promise<void> {
  await guard();
  // Each checkpoint is deleted by its own command, and the finished checkpoint last: if the run dies in between, the next run can still see
  // that the update was undone.
  for (const _id of ids) {
    await db.collection<{ _id: string }>(ownCollections.checkpoints).deleteOne({ _id }, { writeConcern: majority });
  }
}

function hashOf({ written: { filter, update } }: OnceUpdate): string {
  return createHash('sha256')
    .update(BSON.EJSON.stringify([filter, update], { relaxed: false }))
    .digest('hex');
}

function halfUndone({ collection }: OnceUpdate): SchemaError {
  return new SchemaError('CONFLICT', `An update of ${collection} is half undone, so it was not started`, {
    why: 'a rollback has undone the update for some documents, which could no longer be distinguished from the other documents',
    fix: 'finish the rollback: `rollback --steps 1`',
    about: { kind: 'collection', collection },
  });
}

function editedMeanwhile({ collection }: OnceUpdate, { updated, finished }: Position): SchemaError {
  return new SchemaError('CONFLICT', `An update of ${collection} was edited after it ${finished ? 'ran' : 'began'}`, {
    why: `${updated} documents were updated with the old text, and cannot be distinguished from the others`,
    fix: 'restore the text of the migration, and roll it back before you edit it',
    about: { kind: 'collection', collection, counts: { documents: updated } },
  });
}
