import { BSON, MongoServerError, type ClientSession, type Db, type Document, type ErrorDescription } from 'mongodb';
import { bytesOf } from '../support/exact-bson';
import { isTransient } from '../database/retry';
import { documentKey } from '../schema';
import { isAboutDocument, type RefusedDocument } from './refused-document';
import type { StepUpdate } from '../migration/types';
import { isObject } from '../migration/verbs/arguments';
import { isPipeline, isRepeatable, unrepeatableOperators } from '../migration/repeatable';

/** What trying an update told. The ids are those of some documents, as text. */
export type Convergence =
  | { readonly verdict: 'converges' }
  /** Applied a second time, it changes them again. */
  | { readonly verdict: 'diverges'; readonly ids: readonly string[] }
  /** The server refuses the document that it makes. */
  | ({ readonly verdict: 'refused' } & RefusedDocument)
  | { readonly verdict: 'not determined'; readonly reason: string };

const converges: Convergence = { verdict: 'converges' };

/** How many documents are tried: so many of the first, and of the last. */
const tried = 3;
/** How many of each end are looked at where that takes no lock, and of how many from anywhere. */
const lookedAt = 50;
const sampled = 200;
/** How many of these are looked at in one round trip. */
const atOnce = 50;

/**
 * Applies an update twice to a few documents that it matches, in a transaction that is aborted: the second time must change
 * none. It also finds documents that the server refuses. Nothing of it is ever seen by anybody. Replica sets only.
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

/** An application may be writing to the same documents. */
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
  // Of these operators, a document that is matched again is changed again, or would be with another value.
  const isCounting = unrepeatableOperators(update).length > 0;
  return { again: Number(reply[isCounting ? 'n' : 'nModified']) > 0 };
}

/** Takes an error for what the server has against one document, where it may be that. */
function refusedAs(id: unknown): (error: unknown) => Convergence {
  return (error) => {
    if (!isAboutDocument(error)) throw error;
    return { verdict: 'refused', id: documentKey(id), error };
  };
}

/**
 * Looks, read-only, at what a pipeline makes of up to three hundred documents, and at what it makes of the result. Of an update with
 * operators only its text can tell.
 */
export async function lookTwice(db: Db, update: StepUpdate, maxTimeMS: number): Promise<Convergence> {
  const stages = update.update;
  if (isRepeatable(stages)) return converges;
  if (!isPipeline(stages)) {
    const operators = unrepeatableOperators(stages).join(', ');
    return { verdict: 'not determined', reason: `only a transaction can try ${operators}` };
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

/** Looks at fewer where the server refuses: for one of the documents, or since all of them are too large for one answer. */
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

/** The documents, of those with these ids, that a second update would change again. */
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
  // As they are stored: numbers of two types are not the same.
  const stored = both ? BSON.deserialize(bytesOf(both), { promoteValues: false }) : {};
  const { once: made = [], twice = [] } = stored as { readonly once?: Document[]; readonly twice?: Document[] };
  return made.flatMap((document, at) => (sameBytes(document, twice[at]) ? [] : [documentKey(document['_id'])]));
}

/** The same stages at a later time: one aggregation has one `$$NOW`, and a second update would have another. */
function later<T>(expression: T): T {
  if (expression === '$$NOW') return { $dateAdd: { startDate: '$$NOW', unit: 'second', amount: 1 } } as T;
  if (Array.isArray(expression)) return expression.map((one: unknown) => later(one)) as T;
  if (!isObject(expression) || '$literal' in expression) return expression;
  return Object.fromEntries(Object.entries(expression).map(([name, value]) => [name, later(value as unknown)])) as T;
}

function sameBytes(one: Document, other: Document | undefined): boolean {
  return other !== undefined && Buffer.from(BSON.serialize(one)).equals(BSON.serialize(other));
}

/** The same, and some from anywhere: what lies in the middle may be unlike both. */
async function spread(db: Db, update: StepUpdate, maxTimeMS: number): Promise<unknown[]> {
  const { collection, filter } = update;
  const pipeline = [{ $sample: { size: sampled } }, { $match: filter }, { $project: { _id: 1 } }];
  const [ends, others] = await Promise.all([
    firstAndLast(db, update, lookedAt, maxTimeMS),
    db.collection(collection).aggregate(pipeline, { maxTimeMS, readPreference: 'primary' }).toArray(),
  ]);
  return distinct([...ends, ...others.map(({ _id }) => _id as unknown)]);
}

/** Ids of documents from both ends of what a filter matches: what is there first is often not like what came last. */
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
  // A server that goes away tells nothing, and is asked again.
  if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
  return { verdict: 'not determined', reason: error.codeName ?? 'the server could not tell' };
}
