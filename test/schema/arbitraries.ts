import fc from 'fast-check';
import {
  change,
  fold,
  type Change,
  type Collection,
  type Index,
  type PlainObject,
  type Schema,
  type Validator,
  type View,
} from '../../src/schema';

/** Few names and few values, so that two random schemas often say different things about the same place. */
const collectionNames = ['audit_logs', 'constructor', 'users'] as const;

const index: fc.Arbitrary<Index> = fc
  .record(
    {
      key: fc.constantFrom<Index['key']>(
        { a: 1 },
        { a: -1 },
        { a: 1, b: 1 },
        { b: 1, a: 1 },
        { a: 'text' },
        { b: 'text' },
      ),
      unique: fc.constant(true as const),
      hidden: fc.constant(true as const),
      expireAfterSeconds: fc.constantFrom(0, 60, 3600),
      partialFilterExpression: fc.constantFrom<PlainObject>({ a: 1 }, { b: { $gt: 1 } }),
    },
    { requiredKeys: ['key'] },
  )
  .filter(({ key, expireAfterSeconds }) => expireAfterSeconds === undefined || Object.keys(key).length === 1);

const validator = fc.constantFrom<Validator>(
  { validator: { a: 1 } },
  { validator: { a: 1 }, validationLevel: 'moderate' },
  { validator: { $jsonSchema: { required: ['a', 'b'] } }, validationAction: 'warn' },
);

/** None of them rules an index out: the changes between two schemas may alter them while the indexes are there. */
const options = fc.constantFrom<PlainObject>(
  {},
  { changeStreamPreAndPostImages: { enabled: true } },
  { storageEngine: { wiredTiger: { configString: 'block_compressor=zlib' } } },
);

const collection = fc.record(
  {
    options,
    validator,
    indexes: fc.dictionary(fc.constantFrom('one', 'two', 'three', 'toString'), index),
    documents: fc.dictionary(fc.constantFrom('1', '"x"'), fc.record({ _id: fc.constant(1), a: fc.nat(2) })),
  },
  { requiredKeys: ['options', 'indexes', 'documents'] },
);

/** Views on collections and on each other, some with a name that a collection has in another schema. */
const viewNames = ['recent', 'toString', 'users', 'worst'] as const;
const view: fc.Arbitrary<View> = fc.record({
  viewOn: fc.constantFrom(...collectionNames, ...viewNames),
  pipeline: fc.constantFrom<View['pipeline']>(
    [],
    [{ $sort: { b: 1, a: 1 } }],
    [{ $sort: { a: 1, b: 1 } }],
    [{ $lookup: { from: 'recent', localField: 'a', foreignField: 'a', as: 'all' } }],
  ),
});

/** Schemas that a server could have: indexes that another one rules out are left out, and so are views. */
export const schemas = fc
  .record({
    collections: fc.dictionary(fc.constantFrom(...collectionNames), collection),
    views: fc.array(fc.tuple(fc.constantFrom(...viewNames), view), { maxLength: 6 }),
  })
  .map(({ collections, views }) => views.reduce(withView, withCollections(collections)));

function withView(schema: Schema, [name, value]: [string, View]): Schema {
  return withPossible(schema, change('view', { collection: name }, undefined, value));
}

function withPossible(schema: Schema, one: Change): Schema {
  try {
    return fold([one], schema);
  } catch {
    return schema;
  }
}

function withCollections(drawn: Readonly<Record<string, Collection>>): Schema {
  const changes = Object.entries(drawn).flatMap(([name, { options: to, validator: rules, documents }]): Change[] => [
    change('collection', { collection: name }, undefined, to),
    ...(rules ? [change('validator', { collection: name }, undefined, rules)] : []),
    ...Object.entries(documents).map(([key, value]) => change('document', { collection: name, key }, undefined, value)),
  ]);
  const indexes = Object.entries(drawn).flatMap(([name, contents]) =>
    Object.entries(contents.indexes).map(([key, value]): Change =>
      change('index', { collection: name, name: key }, undefined, value),
    ),
  );
  return indexes.reduce(withPossible, fold(changes));
}
