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

/** An update that must come to each document exactly once. */
export interface OnceUpdate extends BatchUpdate {
  readonly collection: string;
  /** The name that its checkpoint goes by. */
  readonly checkpoint: string;
  /** Its filter and its update as the migration has them: a run may narrow the filter. */
  readonly written: Pick<BatchUpdate, 'filter' | 'update'>;
  /** The checkpoint of the update that this one undoes, or that undoes this one. */
  readonly counterpart: string;
  readonly isUndo: boolean;
  readonly progress: (done: number, total: number) => void;
}

/** As it is stored. It stays when the update is done: nothing in the documents tells of it. */
interface Checkpoint extends UpdateCounts {
  readonly _id: string;
  /** Of the lease under which it goes on. */
  readonly token: number;
  /** The driver's session, whose transaction may still be open. */
  readonly session: Binary;
  /** Which update it is: sha256 (hex) of its filter and its update. */
  readonly hash: string;
  readonly done: number;
  readonly finished: boolean;
  /** How fast it goes: `status` tells by it how much time is left. */
  readonly pace?: StoredPace;
}

/** A checkpoint, and its `_id`s as values that are sent as they are stored. */
export interface Position extends Checkpoint {
  /** The last that was updated. */
  readonly last: Boundary | undefined;
  /** The largest that is to be updated. */
  readonly upper: Boundary | undefined;
}

/** How often a run tries to take over from another one. */
const mostTries = 30;

/** Reads how far the update came, and makes sure that no other run goes on with it. */
export async function takeOver(session: Session, update: OnceUpdate, transactions: ClientSession): Promise<Position> {
  const { checkpoint, counterpart } = update;
  for (let tries = 1; ; tries++) {
    const [found, other] = [await readPosition(session, checkpoint), await readPosition(session, counterpart)];
    for (const position of [found, other]) await endTransaction(session, position);
    if (other && !update.isUndo) {
      if (!other.finished) throw halfUndone(update);
      // What was undone has to be done again.
      await forget(session, [checkpoint, counterpart]);
      continue;
    }
    if (found && found.hash !== hashOf(update)) throw editedMeanwhile(update, found);
    const taken = await take(session, transactions, found, found ?? (await beginning(session, update, other)));
    if (taken) return taken;
    // Its transaction was committed after it was read, or another run was faster: that one has the lease then.
    await session.guard();
    if (tries >= mostTries) throw takenOver();
  }
}

/**
 * Stores how far the update came, in the transaction of its batch.
 * @throws error with code `LOCKED` when another run has taken the update over.
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
  return new SchemaError('LOCKED', 'Another run has taken over the update, so this one wrote nothing more', {
    fix: 'wait for the other run; `status` names it',
  });
}

/** Where an update begins, and what it goes up to: what undoes one goes as far as that one came. */
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

/** Stores who goes on, if nothing was stored since `found` was read. */
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
  // What is stored last, though no majority may have it: a batch that is there must not run again.
  const options = { readPreference: 'primary', readConcern: { level: 'local' }, raw: true } as const;
  const raw = await db.collection<{ _id: string }>(ownCollections.checkpoints).findOne({ _id }, options);
  if (!raw) return undefined;
  const bytes = bytesOf(raw);
  const { last: _last, upper: _upper, ...stored } = BSON.deserialize(bytes) as Checkpoint & Document;
  return { ...(stored as Checkpoint), last: exactField(bytes, 'last'), upper: exactField(bytes, 'upper') };
}

/** A run that died may have left a transaction open, which would hold its documents for a minute. */
async function endTransaction({ db, guard }: Session, position: Position | undefined): Promise<void> {
  if (!position || position.finished) return;
  await guard();
  await db
    .admin()
    .command({ killSessions: [{ id: position.session }] })
    .catch((error: unknown) => {
      // Another user began it. Its transaction cannot be committed once the checkpoint is taken over.
      if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error;
    });
}

async function forget({ db, guard }: Session, ids: readonly string[]): Promise<void> {
  await guard();
  // In one statement for each, the finished one last: a run that dies between them finds what it undid.
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
  return new SchemaError('CONFLICT', `An update of ${collection} is half undone, so it was not begun`, {
    why: 'a rollback has undone it for some documents, and these would be told from the others no more',
    fix: 'finish the rollback: `rollback --steps 1`',
    about: { kind: 'collection', collection },
  });
}

function editedMeanwhile({ collection }: OnceUpdate, { updated, finished }: Position): SchemaError {
  return new SchemaError('CONFLICT', `An update of ${collection} was edited since it ${finished ? 'ran' : 'began'}`, {
    why: `${updated} documents have the update as it was before, and nothing tells them from the others`,
    fix: 'put the text of the migration back, and roll it back before you edit it',
    about: { kind: 'collection', collection, counts: { documents: updated } },
  });
}
