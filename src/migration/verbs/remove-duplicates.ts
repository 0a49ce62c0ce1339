import type { Db, Document } from 'mongodb';
import { collationProblems, relaxed, toPlain } from '../../schema';
import { bytesOf } from '../../support/exact-bson';
import { SchemaError } from '../../support/schema-error';
import { fieldOf } from '../field-path';
import { coveredBy, keyOf } from '../index-keys';
import type { DataContext, DataStep, Obstacle, Transfer } from '../types';
import { checkCollectionName } from './names';

export interface RemoveDuplicatesDefinition {
  /**
   * The fields of the future unique index. Documents that have equal values in all these fields are duplicates. A missing field counts
   * as null.
   */
  readonly key: readonly string[];
  /**
   * Which document is kept: the one with the largest or smallest value of a field. If these values are equal, the document with the
   * largest or smallest `_id` is kept.
   */
  readonly keep: { readonly newest: string } | { readonly oldest: string };
  /** The collection for the removed documents, which an earlier step must create. The default is `removed_<collection>`. */
  readonly into?: string;
  /** Why the other documents can be removed. */
  readonly reason: string;
  /** The collation of the index. The default is simple comparison. */
  readonly collation?: Document;
  /** The partial filter of the index. Documents that do not match this filter are not touched. */
  readonly partialFilterExpression?: Document;
  /** Whether the index is sparse. If the index is sparse, documents that have none of the fields are not touched. */
  readonly sparse?: boolean;
  /** How many documents are moved in one batch. The default is 500. */
  readonly batchSize?: number;
  /** Set this when documents have the fields although no validator, index or data step mentions them. Without it, an unknown field name is refused as a likely typo. */
  readonly undeclared?: boolean;
}

/** The maximum number of passes. Passes are repeated, because applications may create new duplicates during a pass. */
const mostPasses = 5;

/**
 * Keeps one document of each group that a unique index would refuse as duplicates, and moves the other documents to a separate
 * collection. A moved document is deleted from the collection only after a majority of the members has stored its copy, and the copy
 * is equal to it.
 * @category Data
 * @example
 * createCollections('removed_users'),
 * removeDuplicates('users', { key: ['email'], keep: { newest: 'created_at' }, reason: 'one account per address' }),
 * @down Moves the documents back.
 * @cost Reads every document, sorted by the key. The run requires `--allow-data-loss` with the migration's name. Documents with an
 *   array in the key stop the step before its first write.
 * @throws error with code `MIGRATION` for an invalid definition; at run time, with code `PREFLIGHT` for
 *   documents with an array in the key, and with code `DUPLICATES` when a unique index prevents documents from being moved back.
 */
export function removeDuplicates(collection: string, definition: RemoveDuplicatesDefinition): DataStep {
  const { key, keep, reason, into = `removed_${collection}`, batchSize = 500, undeclared = false } = definition;
  check(collection, into, definition);
  const [[order = '', by = '']] = [Object.entries(keep)[0] ?? []];
  const plan: Plan = { collection, definition, order: order as Plan['order'], by };
  return {
    describe: [
      `remove duplicates of ${key.join(', ')} from ${collection} into ${into}, keeping the ${order} by ${by}: ${reason}`,
    ],
    changes: [],
    writes: [collection, into],
    expects: undeclared ? [] : [...key, by].filter((path) => path !== '_id').map((path) => path.split('.')),
    reason,
    passes: mostPasses,
    obstacles: {
      up: [arraysIn(plan)],
      summary: `Duplicates of ${collection} cannot be identified, so none was removed`,
      fix: 'correct these documents in an earlier step, exclude them with `partialFilterExpression`, or remove duplicates with `run`',
    },
    loses: {
      up: { collection, fields: [], filter: {}, removes: (db, maxTimeMS) => countOf(db, plan, maxTimeMS) },
    },
    isDone: async (db) =>
      (await db
        .collection(collection)
        .aggregate([...superfluous(plan), { $limit: 1 }], options(plan))
        .next()) === null,
    run: async (context) => {
      const found = context.db.collection(collection).aggregate(superfluous(plan), { ...options(plan), raw: true });
      await moveAll(context, found, { from: collection, to: into, whenMatched: 'replace' }, batchSize);
    },
    undo: (context) => putBack(context, { from: into, to: collection, whenMatched: 'keepExisting' }, batchSize),
  };
}

interface Plan {
  readonly collection: string;
  readonly definition: RemoveDuplicatesDefinition;
  readonly order: 'newest' | 'oldest';
  readonly by: string;
}

/** Returns pipeline stages for the `_id`s of all documents that a unique index would refuse, except those that are kept. */
function superfluous({ definition, order, by }: Plan): Document[] {
  const { key } = definition;
  const direction = order === 'newest' ? -1 : 1;
  return [
    { $match: coveredByIndex(definition) },
    {
      $project: {
        key: Object.fromEntries(key.map((field, at) => [`key${at}`, keyOf(field)])),
        // A document without the `by` field is kept only if all its duplicates lack the field too.
        isBlank: { $eq: [{ $ifNull: [`$${by}`, null] }, null] },
        by: `$${by}`,
        // The hash decides the order of two `_id`s that the collation treats as equal.
        last: { $toHashedIndexKey: '$_id' },
      },
    },
    {
      $setWindowFields: {
        partitionBy: '$key',
        sortBy: { isBlank: 1, by: direction, _id: direction, last: 1 },
        output: { rank: { $sum: 1, window: { documents: ['unbounded', 'current'] } } },
      },
    },
    { $match: { rank: { $gt: 1 } } },
    { $project: { _id: 1 } },
  ];
}

function coveredByIndex({ key, sparse, partialFilterExpression }: RemoveDuplicatesDefinition): Document {
  const index = {
    ...(sparse && { sparse: true as const }),
    ...(partialFilterExpression && {
      partialFilterExpression: toPlain(partialFilterExpression),
    }),
  };
  return coveredBy(index, key);
}

function options({ definition: { collation = { locale: 'simple' } } }: Plan) {
  return { collation: collation as { locale: string }, allowDiskUse: true, readPreference: 'primary' } as const;
}

async function countOf(db: Db, plan: Plan, maxTimeMS: number): Promise<number> {
  const pipeline = [...superfluous(plan), { $count: 'count' }];
  const found = db.collection(plan.collection).aggregate<{ count: number }>(pipeline, { ...options(plan), maxTimeMS });
  return (await found.next())?.count ?? 0;
}

/** Describes documents with an array in the key. Each element is a separate index key, so such a document may duplicate several others. */
function arraysIn({ collection, definition }: Plan): Obstacle {
  const { key } = definition;
  const paths = key.flatMap((path) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.')));
  const holdsArray = { $or: paths.map((path) => ({ [path]: { $type: 'array' } })) };
  const why = `an array in ${key.join(', ')}: a unique index uses each element of an array as a separate key`;
  return { collection, filter: { $and: [coveredByIndex(definition), holdsArray] }, why };
}

async function moveAll(
  context: DataContext,
  found: AsyncIterable<Document>,
  way: Transfer,
  batchSize: number,
): Promise<void> {
  await refuseOtherCollation(context.db, way);
  let batch: Uint8Array[] = [];
  let moved = 0;
  const move = async () => {
    const transferred = await context.transfer(way, batch);
    context.count({ matched: batch.length, updated: transferred });
    moved += transferred;
    batch = [];
    context.progress(moved, moved);
  };
  for await (const raw of found) {
    batch.push(bytesOf(raw));
    if (batch.length >= batchSize) await move();
  }
  if (batch.length > 0) await move();
}

/** Refuses different collations, because `$merge` compares `_id`s by the collations of both collections. */
async function refuseOtherCollation(db: Db, { from, to }: Transfer): Promise<void> {
  const found = await db.listCollections({ name: { $in: [from, to] } }, { nameOnly: false }).toArray();
  const collations = found.map((one) =>
    JSON.stringify(('options' in one ? one.options : undefined)?.['collation'] ?? null),
  );
  if (collations.length < 2 || collations[0] === collations[1]) return;
  throw new SchemaError('PREFLIGHT', `${from} and ${to} have different collations, so no document was moved`, {
    fix: `create the collection for removed documents with the collation of the collection that has the duplicates`,
  });
}

async function putBack(context: DataContext, way: Transfer, batchSize: number): Promise<void> {
  const { db } = context;
  const found = db.collection(way.from).find({}, { projection: { _id: 1 }, raw: true, readPreference: 'primary' });
  const why: string[] = [];
  try {
    await moveAll(context, found, way, batchSize);
  } catch (error) {
    if ((error as { code?: unknown }).code !== duplicateKey) throw error;
    why.push(`a unique index of ${way.to} refuses one of these documents`);
  }
  const left = await db.collection(way.from).countDocuments({}, { readPreference: 'primary' });
  if (left === 0) return;
  if (why.length === 0) why.push(`${way.to} has other documents with the same _ids`);
  throw new SchemaError('DUPLICATES', `${left} documents of ${way.from} cannot be put back into ${way.to}`, {
    why,
    fix: 'drop the unique index, or remove the conflicting documents, and run again; these documents stay in ${way.from} until then',
  });
}

const duplicateKey = 11_000;

function check(
  collection: string,
  into: string,
  { key, keep, reason, collation, batchSize = 1 }: RemoveDuplicatesDefinition,
): void {
  checkCollectionName(collection);
  checkCollectionName(into);
  const what = `removeDuplicates('${collection}', …)`;
  const [[order, by] = [], ...others] = Object.entries(keep);
  const isOrdered = (order === 'newest' || order === 'oldest') && typeof by === 'string' && others.length === 0;
  const wrong = [
    ...(reason.trim() === '' ? ["`reason` must say why the duplicates are removed: { reason: '…' }"] : []),
    ...(key.length === 0 ? ['`key` must list the fields of the unique index'] : []),
    ...(isOrdered ? [] : ["`keep` must be { newest: 'FIELD' } or { oldest: 'FIELD' }"]),
    ...(collation
      ? [...collationProblems(relaxed(toPlain({ collation }))['collation'] ?? null, 'index')].map((one) => `it ${one}`)
      : []),
    ...(into === collection ? ['`into` must be another collection'] : []),
    ...(Number.isInteger(batchSize) && batchSize > 0
      ? []
      : ['`batchSize` must be a whole number of documents, at least 1']),
  ];
  if (wrong.length > 0) {
    throw new SchemaError('MIGRATION', `${what} has an invalid definition`, {
      why: wrong,
      fix: 'correct its definition',
    });
  }
  for (const path of [...key, ...(typeof by === 'string' && by !== '_id' ? [by] : [])]) {
    fieldOf(path, what);
  }
}
