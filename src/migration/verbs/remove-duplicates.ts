import type { Db, Document } from 'mongodb';
import { collationProblems, relaxed, toPlain } from '../../schema';
import { bytesOf } from '../../support/exact-bson';
import { SchemaError } from '../../support/schema-error';
import { fieldOf } from '../field-path';
import { coveredBy, keyOf } from '../index-keys';
import type { DataContext, DataStep, Obstacle, Transfer } from '../types';
import { checkCollectionName } from './names';

export interface RemoveDuplicatesDefinition {
  /** The fields of the unique index to come: documents that are equal in all of them are duplicates. A missing field counts as null. */
  readonly key: readonly string[];
  /** Which one of them stays: that with the largest or the smallest value of a field; of several, that with the largest or smallest `_id`. */
  readonly keep: { readonly newest: string } | { readonly oldest: string };
  /** The collection that the others go to, as they are; an earlier step makes it. `removed_<collection>` unless given. */
  readonly into?: string;
  /** Why the others can go. */
  readonly reason: string;
  /** That of the index; the simple one unless given. */
  readonly collation?: Document;
  /** That of the index: other documents are left alone. */
  readonly partialFilterExpression?: Document;
  /** Whether the index is sparse: documents without any of the fields are left alone. */
  readonly sparse?: boolean;
  /** Documents that are moved at once; 500 unless given. */
  readonly batchSize?: number;
  /** Whether documents have the fields although no validator, index or data step speaks of them: else that is taken for a typo. */
  readonly undeclared?: boolean;
}

/** Applications may make new duplicates meanwhile; so often it begins again. */
const mostPasses = 5;

/**
 * Leaves one of all documents that a unique index would refuse for being equal. The others move to a collection of their own: each is
 * deleted only once its copy is there, acknowledged by a majority, and equals it.
 * @category Data
 * @example
 * createCollections('removed_users'),
 * removeDuplicates('users', { key: ['email'], keep: { newest: 'created_at' }, reason: 'one account per address' }),
 * @down Puts them back.
 * @cost Reads every document, sorted by the key. The run takes `--allow-data-loss` with the migration's name. Documents with an
 *   array in the key stop it before its first write.
 * @throws error with code `MIGRATION` for a definition that cannot be carried out; when it runs, one with code `PREFLIGHT` for
 *   documents with an array in the key, one with code `DUPLICATES` when a unique index keeps documents from being put back.
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
      summary: `Duplicates of ${collection} cannot be told apart, so none was removed`,
      fix: 'correct these documents in an earlier step, leave them out by `partialFilterExpression`, or remove duplicates with `run`',
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

/** Stages that lead to the `_id`s of all documents but those that stay, by the rules of a unique index. */
function superfluous({ definition, order, by }: Plan): Document[] {
  const { key } = definition;
  const direction = order === 'newest' ? -1 : 1;
  return [
    { $match: coveredByIndex(definition) },
    {
      $project: {
        key: Object.fromEntries(key.map((field, at) => [`key${at}`, keyOf(field)])),
        // A document without a value stays only where none has one.
        isBlank: { $eq: [{ $ifNull: [`$${by}`, null] }, null] },
        by: `$${by}`,
        // Two `_id`s may be the same to a collation.
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

/** Each element of an array is a key of its own, so one document may be the duplicate of several. */
function arraysIn({ collection, definition }: Plan): Obstacle {
  const { key } = definition;
  const paths = key.flatMap((path) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.')));
  const holdsArray = { $or: paths.map((path) => ({ [path]: { $type: 'array' } })) };
  const why = `an array in ${key.join(', ')}, and a unique index takes each element of it for a key`;
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

/** `$merge` finds documents of the same `_id` by the collation of both collections. */
async function refuseOtherCollation(db: Db, { from, to }: Transfer): Promise<void> {
  const found = await db.listCollections({ name: { $in: [from, to] } }, { nameOnly: false }).toArray();
  const collations = found.map((one) =>
    JSON.stringify(('options' in one ? one.options : undefined)?.['collation'] ?? null),
  );
  if (collations.length < 2 || collations[0] === collations[1]) return;
  throw new SchemaError('PREFLIGHT', `${from} and ${to} have different collations, so no document was moved`, {
    fix: `create the collection for what is removed with the collation of the other one`,
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
    why.push(`a unique index of ${way.to} refuses one of them`);
  }
  const left = await db.collection(way.from).countDocuments({}, { readPreference: 'primary' });
  if (left === 0) return;
  if (why.length === 0) why.push(`${way.to} has other documents with their _ids`);
  throw new SchemaError('DUPLICATES', `${left} documents of ${way.from} cannot be put back into ${way.to}`, {
    why,
    fix: 'drop the unique index, or remove what is in the way, and run again; the documents stay where they are until then',
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
    ...(reason.trim() === '' ? ["`reason` says why they are removed: { reason: '…' }"] : []),
    ...(key.length === 0 ? ['`key` lists the fields of the unique index'] : []),
    ...(isOrdered ? [] : ["`keep` is { newest: 'FIELD' } or { oldest: 'FIELD' }"]),
    ...(collation
      ? [...collationProblems(relaxed(toPlain({ collation }))['collation'] ?? null, 'index')].map((one) => `it ${one}`)
      : []),
    ...(into === collection ? ['`into` is another collection'] : []),
    ...(Number.isInteger(batchSize) && batchSize > 0 ? [] : ['`batchSize` is a whole number of documents from 1']),
  ];
  if (wrong.length > 0) {
    throw new SchemaError('MIGRATION', `${what} cannot be carried out`, { why: wrong, fix: 'correct its definition' });
  }
  for (const path of [...key, ...(typeof by === 'string' && by !== '_id' ? [by] : [])]) {
    fieldOf(path, what);
  }
}
