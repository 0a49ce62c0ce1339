import { BSON, MongoServerError, type ClientSession, type Db, type Document, type ErrorDescription } from 'mongodb';
import { bytesOf } from '../support/exact-bson';
import { isTransient } from '../database/retry';
import { documentKey } from '../schema';
import { isAboutDocument, type RefusedDocument } from './refused-document';
import type { StepUpdate } from '../migration/types';
import { isObject } from '../migration/verbs/arguments';
import { isPipeline, isRepeatable, unrepeatableOperators } from '../migration/repeatable';

/** The result of trying an update on a few documents. The `_id`s of the documents are given as text. */
export type Convergence =
  | { readonly verdict: 'converges' }
  /** A second update changes the documents again. */
  | { readonly verdict: 'diverges'; readonly ids: readonly string[] }
  /** The server refuses the updated document. */
  | ({ readonly verdict: 'refused' } & RefusedDocument)
  | { readonly verdict: 'not determined'; readonly reason: string };

const converges: Convergence = { verdict: 'converges' };

/** How many documents are tried from each end of the collection, in a transaction. */
const tried = 3;
/** How many documents are read from each end of the collection, and how many at random, when the check only reads and needs no lock. */
const lookedAt = 50;
const sampled = 200;
/** How many documents are read in one round trip. */
const atOnce = 50;

/**
 * Applies an update twice to a few matching documents, in a transaction that is then aborted. The second update must change nothing. The
 * trial also finds documents that the server refuses. No other session sees the changes, because the transaction is aborted. A transaction
 * needs a replica set.
 */
export async function tryTwice(db: Db, update: StepUpdate, maxTimeMS: number): Promise<Convergence> {
  const matching = await firstAndLast(db, update, tried, maxTimeMS).catch(notDetermined);
  if (!Array.isArray(matching)) return matching;
  if (matching.length === 0) return converges;
  for (let attempt = 1; ; attempt++) {
    const found = await tryOn(db, update, matching, maxTimeMS).catch(notDetermined);
    const isBusy = found.verdict === 'not determined' && attempt < attemptsWhenBusy;
    if (!isBusy) return found;
  }
}

/** How many times to try, because an application may write to the same documents. */
const attemptsWhenBusy = 3;

async function tryOn(db: Db, update: StepUpdate, ids: readonly unknown[], maxTimeMS: number): Promise<Convergence> {
  const session = db.client.startSession();
  const again: string[] = [];
  try {
    session.startTransaction();
    for (const id of ids) {
      for (const time of ['first', 'second']) {
        const found = await applyTo(db, update, id, { session, maxTimeMS }).catch(refusedAs(id));
        if ('verdict' in found) return found;
        if (time === 'second' && found.again) again.push(documentKey(id));
      }
    }
    return again.length > 0 ? { verdict: 'diverges', ids: again } : converges;
  } finally {
    await session.abortTransaction().catch(() => undefined);
    await session.endSession().catch(() => undefined);
  }
}

async function applyTo(
  db: Db,
  { collection, filter, update }: StepUpdate,
  id: unknown,
  { session, maxTimeMS }: { readonly session: ClientSession; readonly maxTimeMS: number },
): Promise<{ readonly again: boolean }> {
  const q = { $and: [{ _id: { $eq: id } }, filter] };
  const command = { update: collection, updates: [{ q, u: update, multi: false }], maxTimeMS };
  const reply = await db.command(command, { session });
  const [refused] = (reply['writeErrors'] ?? []) as ErrorDescription[];
  if (refused) throw new MongoServerError(refused);
  // With unrepeatable operators, a document that still matches the filter is changed again, or would be changed if it had another value. So
  // the matched documents are counted, not only the modified ones.
  const isCounting = unrepeatableOperators(update).length > 0;
  return { again: Number(reply[isCounting ? 'n' : 'nModified']) > 0 };
}

/** Returns a handler that treats an error as the refusal of one document, if the error may concern one document. */
function refusedAs(id: unknown): (error: unknown) => Convergence {
  return (error) => {
    if (!isAboutDocument(error)) throw error;
    return { verdict: 'refused', id: documentKey(id), error };
  };
}

/**
 * Computes the result of an update pipeline for up to three hundred documents, and then applies the pipeline to this result again. Only
 * reads. An update with operators cannot be computed this way.
 */
export async function lookTwice(db: Db, update: StepUpdate, maxTimeMS: number): Promise<Convergence> {
  const stages = update.update;
  if (isRepeatable(stages)) return converges;
  if (!isPipeline(stages)) {
    const operators = unrepeatableOperators(stages).join(', ');
    return { verdict: 'not determined', reason: `${operators} can only be tested in a transaction` };
  }
  const look = (ids: readonly unknown[]) => changedAgain(db, { ...update, update: stages }, ids, maxTimeMS);
  try {
    const ids = await spread(db, update, maxTimeMS);
    const again: string[] = [];
    for (let at = 0; at < ids.length; at += atOnce) {
      const found = await lookInHalves(ids.slice(at, at + atOnce), look);
      if (!isList(found)) return found;
      again.push(...found);
    }
    return again.length > 0 ? { verdict: 'diverges', ids: again } : converges;
  } catch (error) {
    return notDetermined(error);
  }
}

/** Splits the documents in halves when the server refuses the query: one document may cause an error, or the reply may be too large. */
async function lookInHalves(
  ids: readonly unknown[],
  look: (ids: readonly unknown[]) => Promise<readonly string[]>,
): Promise<readonly string[] | Convergence> {
  try {
    return await look(ids);
  } catch (error) {
    if (ids.length <= 1) return refusedAs(ids[0])(error);
    if (!isAboutDocument(error)) throw error;
  }
  const half = Math.ceil(ids.length / 2);
  const again: string[] = [];
  for (const some of [ids.slice(0, half), ids.slice(half)]) {
    const found = await lookInHalves(some, look);
    if (!isList(found)) return found;
    again.push(...found);
  }
  return again;
}

function isList(found: readonly string[] | Convergence): found is readonly string[] {
  return Array.isArray(found);
}

/** Returns the ids, as text, of those documents that a second update would change again. */
async function changedAgain(
  db: Db,
  { collection, filter, update }: StepUpdate & { readonly update: readonly Document[] },
  ids: readonly unknown[],
  maxTimeMS: number,
): Promise<string[]> {
  const once = [...update, { $match: filter }];
  const pipeline = [{ $match: { _id: { $in: ids } } }, { $facet: { once, twice: [...once, ...later(update)] } }];
  const options = { maxTimeMS, readPreference: 'primary', raw: true } as const;
  const [both] = await db.collection(collection).aggregate(pipeline, options).toArray();
  // `promoteValues: false` keeps the stored types for the comparison: an int and a double with the same value differ.
  const stored = both ? BSON.deserialize(bytesOf(both), { promoteValues: false }) : {};
  const { once: made = [], twice = [] } = stored as { readonly once?: Document[]; readonly twice?: Document[] };
  return made.flatMap((document, at) => (sameBytes(document, twice[at]) ? [] : [documentKey(document['_id'])]));
}

/** Returns the same stages with a later `$$NOW`. One aggregation has a single `$$NOW`, but a second update would have a later `$$NOW`. */
function later<T>(expression: T): T {
  if (expression === '$$NOW') return { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: 1 } } as T;
  if (Array.isArray(expression)) return expression.map((one: unknown) => later(one)) as T;
  if (!isObject(expression) || '$literal' in expression) return expression;
  return Object.fromEntries(Object.entries(expression).map(([name, value]) => [name, later(value as unknown)])) as T;
}

function sameBytes(one: Document, other: Document | undefined): boolean {
  return other !== undefined && Buffer.from(BSON.serialize(one)).equals(BSON.serialize(other));
}

/**
 * Returns the first and last ids of the matching documents, and some ids at random. Documents in the middle may differ from those at both
 * ends.
 */
async function spread(db: Db, update: StepUpdate, maxTimeMS: number): Promise<unknown[]> {
  const { collection, filter } = update;
  const pipeline = [{ $sample: { size: sampled } }, { $match: filter }, { $project: { _id: 1 } }];
  const [ends, others] = await Promise.all([
    firstAndLast(db, update, lookedAt, maxTimeMS),
    db.collection(collection).aggregate(pipeline, { maxTimeMS, readPreference: 'primary' }).toArray(),
  ]);
  return distinct([...ends, ...others.map(({ _id }) => _id as unknown)]);
}

/** Returns ids from both ends of the matching documents. Old documents often differ from new ones. */
async function firstAndLast(
  db: Db,
  { collection, filter }: Pick<StepUpdate, 'collection' | 'filter'>,
  count: number,
  maxTimeMS: number,
): Promise<unknown[]> {
  const options = { projection: { _id: 1 }, readPreference: 'primary', maxTimeMS } as const;
  const ends = await Promise.all(
    ([1, -1] as const).map((direction) =>
      db.collection(collection).find(filter, options).sort({ _id: direction }).limit(count).toArray(),
    ),
  );
  return distinct(ends.flat().map(({ _id }) => _id as unknown));
}

function distinct(ids: readonly unknown[]): unknown[] {
  return [...new Map(ids.map((id) => [documentKey(id), id])).values()];
}

function notDetermined(error: unknown): Convergence {
  // A lost connection is not a result of the trial, so the error is thrown. The caller retries.
  if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
  return { verdict: 'not determined', reason: error.codeName ?? 'the server could not check it' };
}
