import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError, WriteConcern, type ClientSession, type Document, type Filter } from 'mongodb';
import { listCollections, uuidsOf } from '../database';
import type { UpdateCounts } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import { added, countsOf, type Walked } from './batches';
import { between, boundary } from './id-ranges';
import { save, takeOver, type OnceUpdate, type Position } from './once-checkpoint';
import { findRefused, isAboutDocument } from './refused-document';
import { writeWithin, type Session } from './session';
import type { StoredPace } from './stored-pace';

export const defaultBatchSizeOnce = 500;
/** How many times to try a batch that conflicts with writes of an application. */
const mostTries = 30;

/**
 * Updates each document exactly once, even if the run is interrupted: each batch and its checkpoint are one transaction. A run that takes
 * over the update first ends the transaction of the earlier run, and each transaction checks that no other run took over. The update covers
 * documents up to the largest `_id` that existed when the update began.
 * @throws error with code `NOT_REPEATABLE` on a standalone server, which has no transactions.
 * @throws error with code `CONFLICT` when the checkpoint belongs to another update.
 * @see docs/decisions/0018-data-steps.md
 */
export async function updateOnce(run: Session, update: OnceUpdate): Promise<Walked> {
  if (!run.isReplicaSet) {
    throw new SchemaError(
      'NOT_REPEATABLE',
      `An update of ${update.collection} must run once, which needs a replica set`,
      {
        why: 'each batch is a transaction, and a standalone server does not support transactions',
        fix: 'run the migration on a replica set; a single member is enough',
      },
    );
  }
  const session: Session = { ...run, uuids: uuidsOf(await listCollections(run.db, [update.collection])) };
  for (let tries = 1; ; tries++) {
    const transactions = run.db.client.startSession();
    try {
      const position = await takeOver(session, update, transactions);
      return await walk(session, update, position, transactions, () => {
        tries = 0;
      });
    } catch (error) {
      if (!isConflict(error) || tries >= mostTries) throw error;
    } finally {
      // If this fails, the next run that takes over the update ends the open transaction.
      await transactions.endSession().catch(() => undefined);
    }
    await session.guard();
    await sleep(Math.min(20 * tries, 500));
  }
}

/**
 * Returns whether an error means that someone else wrote the same document, or that the transaction was ended or may have been ended. For a
 * lost connection, returns false.
 */
function isConflict(error: unknown): boolean {
  const labels = ['TransientTransactionError', 'UnknownTransactionCommitResult'];
  return error instanceof MongoServerError && labels.some((label) => error.hasErrorLabel(label));
}

async function walk(
  session: Session,
  update: OnceUpdate,
  start: Position,
  transactions: ClientSession,
  onBatch: () => void,
): Promise<Walked> {
  const { collection, batchSize = defaultBatchSizeOnce, pause = 0 } = update;
  const total = await session.db.collection(collection).estimatedDocumentCount();
  const began = { collection, total, since: new Date(), from: start.done };
  let position = start;
  let paused = 0;
  while (!position.finished) {
    position = await updateBatch(session, update, position, began, transactions, batchSize);
    onBatch();
    update.progress(position.finished ? total : Math.min(position.done, total), total);
    if (pause > 0) await sleep(pause);
    paused += pause;
  }
  const { matched, updated } = position;
  return { matched, updated, isWhole: !start.finished && start.done === 0, paused };
}

async function updateBatch(
  session: Session,
  { collection, filter, update, checkpoint }: OnceUpdate,
  before: Position,
  began: Omit<StoredPace, 'at'>,
  transactions: ClientSession,
  batchSize: number,
): Promise<Position> {
  const { upper } = before;
  const end = await boundary(session.db, collection, before.last, batchSize, upper);
  const range: Filter<Document> = { $and: [filter, between(before.last, end ?? upper)] };
  const apply = async (q: Filter<Document>): Promise<UpdateCounts> => {
    const command = { update: collection, updates: [{ q, u: update, multi: true }] };
    return countsOf(await writeWithin(transactions, session, command));
  };
  try {
    transactions.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: new WriteConcern('majority') });
    const counts = await apply(range);
    const after: Position = {
      ...before,
      ...added(before, counts),
      last: end ?? upper,
      done: before.done + batchSize,
      finished: end === undefined,
      pace: { ...began, at: new Date() },
    };
    await save(session, checkpoint, after, transactions);
    await transactions.commitTransaction();
    return after;
  } catch (error) {
    await transactions.abortTransaction().catch(() => undefined);
    if (!isAboutDocument(error)) throw error;
    const tryOut = async (some: Filter<Document>) => {
      transactions.startTransaction({ readConcern: { level: 'snapshot' } });
      await apply(some).finally(() => transactions.abortTransaction().catch(() => undefined));
    };
    throw (await findRefused(session.db, { collection, filter: range, update }, tryOut)) ?? error;
  }
}
