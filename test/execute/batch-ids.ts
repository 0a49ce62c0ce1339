import fc from 'fast-check';
import {
  Binary,
  BSON,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  type CreateCollectionOptions,
  type Db,
  type Document,
} from 'mongodb';
import { expect, it } from 'vitest';
import { updateInBatches } from '../../src/execute/batches';
import { useDatabase } from '../support/database';
import { seed } from '../support/seed';

/** An `_id`: a value, or the expression for one that JavaScript has no value for. */
type Id = { readonly value: unknown } | { readonly expression: Document };

/** In the order in which a document of BSON has its names, which an object has not: integer-like names come first there. */
const ordered = (...entries: readonly (readonly [string, unknown])[]) => new Map(entries);

const small = fc.integer({ min: -3, max: 3 });
const text = fc.constantFrom('', 'a', 'A', 'b', 'ä', '1', '10', '9', '$a', 'a\0b');
const names = fc.constantFrom('b', '1', '0', 'a', '10', '');
const numbers = fc.oneof(
  fc.constantFrom(Number.NaN, -0, 0, Infinity, -Infinity, 2 ** 53, 0.5, -1.5, 1e300).map((one) => new Double(one)),
  small.map((one) => new Int32(one)),
  small.map((one) => new Double(one)),
  fc
    .constantFrom('9007199254740993', '9007199254740992', '9223372036854775807', '-9223372036854775808', '2')
    .map((one) => Long.fromString(one)),
  fc
    .constantFrom('NaN', 'Infinity', '-Infinity', '-0', '9007199254740993', '0.5', '1E+6000', '9.007199254740993E15')
    .map((one) => Decimal128.fromString(one)),
);
const scalars: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 2, arbitrary: text },
  text.map((one) => new BSONSymbol(one)),
  fc.constantFrom(new MinKey(), new MaxKey(), null, true, false),
  fc.constantFrom(new ObjectId('0'.repeat(24)), new ObjectId('f'.repeat(24)), new ObjectId('6'.repeat(24))),
  fc.constantFrom(new Date(0), new Date(-1), new Date(8.64e15), new Date('2026-01-01')),
  fc.constantFrom([0, 0], [0, 1], [2 ** 31, 0], [2 ** 32 - 1, 5]).map(([t = 0, i = 0]) => new Timestamp({ t, i })),
  fc
    .tuple(fc.constantFrom('', 'a', 'b', 'ab'), fc.constantFrom(0, 2, 5, 128))
    .map(([bytes, subtype]) => new Binary(Buffer.from(bytes), subtype)),
  fc.constantFrom(new UUID('00000000-0000-4000-8000-000000000000'), new UUID('ffffffff-ffff-4fff-bfff-ffffffffffff')),
  text.map((one) => new Code(one)),
  fc.tuple(text, small).map(([code, scope]) => new Code(code, { 1: scope, b: 1 })),
);
const nested: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.constantFrom('a', 'b').map((one) => new BSON.BSONRegExp(one, 'i')),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('document'),
  ),
  document: fc
    .uniqueArray(fc.tuple(names, tie('value')), { maxLength: 3, selector: ([name]) => name })
    .map((entries) => ordered(...(entries as [string, unknown][]))),
})).document;
const documents = fc.oneof(
  nested,
  fc.constantFrom<unknown>(
    ordered(['b', 1], ['1', 1]),
    ordered(['1', 1], ['b', 1]),
    ordered(['b', 1], ['1', 2]),
    ordered(['$ref', 'users'], ['$id', 1]),
    ordered(['a', ordered(['z', 1], ['0', 1])]),
  ),
);
/** Dates beyond those of JavaScript. */
const beyond = fc
  .bigInt({ min: 8_640_000_000_000_001n, max: 8_640_000_000_000_040n })
  .map((time) => ({ $toDate: Long.fromBigInt(time) }));

const ids: fc.Arbitrary<Id> = fc.oneof(
  { weight: 5, arbitrary: scalars.map((value) => ({ value })) },
  { weight: 3, arbitrary: documents.map((value) => ({ value })) },
  { weight: 1, arbitrary: beyond.map((expression) => ({ expression })) },
);

const kinds: readonly CreateCollectionOptions[] = [
  {},
  { collation: { locale: 'de', strength: 1, numericOrdering: true } },
  { clusteredIndex: { key: { _id: 1 }, unique: true } },
];

const walks = fc.record({
  ids: fc.array(ids, { minLength: 1, maxLength: 25 }),
  batchSize: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom(...kinds),
  /** After so many calls of the guard it is stopped, and goes on from its checkpoint. */
  stops: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
  /** Whether what a batch ended with is gone when the walk goes on. */
  deletesBoundary: fc.boolean(),
});

const example = (...values: readonly unknown[]) => ({
  ids: values.map((value) => ({ value })),
  batchSize: 1,
  kind: {},
  stops: [2],
  deletesBoundary: false,
});
/** What a walk once looped over, or left out. */
const examples = [
  example(new Double(Number.NaN), new Int32(1), new Int32(2), new Int32(3)),
  example(ordered(['b', 1], ['1', 1]), ordered(['b', 1], ['1', 2]), ordered(['b', 2]), ordered(['c', 1])),
  example(Long.fromString('9007199254740993'), new Double(2 ** 53), Long.fromString('9007199254740994')),
];

async function insert(db: Db, all: readonly Id[]): Promise<void> {
  // Ids that are equal to the server, such as 1 and 1.0, are refused.
  const known = all.flatMap((one) => ('value' in one ? [ordered(['_id', one.value]) as unknown as Document] : []));
  if (known.length > 0) await db.command({ insert: 'posts', documents: known, ordered: false });
  const computed = all.flatMap((one) => ('expression' in one ? [one.expression] : []));
  for (const _id of computed) {
    await db.command({
      update: 'posts',
      updates: [{ q: { nothing: true }, u: [{ $replaceWith: { _id } }], upsert: true }],
    });
  }
}

const stopped = new Error('stopped');

/** Walks over the posts, and counts in each document how often it was visited. Throws when it does not end. */
async function walk(db: Db, batchSize: number, stopAfter: number): Promise<void> {
  let asked = 0;
  await updateInBatches(
    {
      db,
      bookkeeping: db,
      checkpoint: 'walk',
      progress: () => undefined,
      guard: () => {
        if (++asked > 60) throw new Error('it does not end');
        return asked > stopAfter ? Promise.reject(stopped) : Promise.resolve();
      },
    },
    'posts',
    { filter: {}, update: { $inc: { visits: 1 } }, batchSize },
  );
}

/** To be called in a file. */
export function testBatchIds(numRuns: number): void {
  const database = useDatabase();

  it(
    `A walk visits each document once, whatever the types of the _ids, in ${numRuns} drawn collections`,
    { timeout: 300_000 },
    async () => {
      const { db } = database;
      await fc.assert(
        fc.asyncProperty(walks, async ({ ids: drawn, batchSize, kind, stops, deletesBoundary }) => {
          await db.dropCollection('posts').catch(() => undefined);
          await db.collection('schema_checkpoints').deleteMany({});
          await db.createCollection('posts', kind);
          await insert(db, drawn);
          const posts = db.collection('posts');
          for (const stopAfter of [...stops, Infinity]) {
            await walk(db, batchSize, stopAfter).catch((error: unknown) => {
              if (error !== stopped) throw error;
            });
            // Stopped after its last batch, it would make that batch again, as its checkpoint says.
            if ((await posts.countDocuments({ visits: { $exists: false } })) === 0) break;
            if (deletesBoundary) await posts.findOneAndDelete({ visits: { $exists: true } }, { sort: { _id: -1 } });
          }
          expect(await posts.find({ visits: { $ne: 1 } }).toArray()).toEqual([]);
        }),
        { numRuns, seed, examples: examples.map((one): [typeof one] => [one]) },
      );
    },
  );
}
