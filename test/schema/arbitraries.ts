import fc from 'fast-check';
import { checkIndexIn, fold, type Change, type Index, type PlainObject, type Validator } from '../../src/schema';

/** Few names and few values, so that two random schemas often say different things about the same place. */
const collectionNames = ['audit_logs', 'constructor', 'users'] as const;

const index: fc.Arbitrary<Index> = fc
  .record(
    {
      key: fc.constantFrom<Index['key']>({ a: 1 }, { a: -1 }, { a: 1, b: 1 }, { b: 1, a: 1 }, { a: 'text' }, { b: 'text' }),
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

const options = fc.constantFrom<PlainObject>({}, { capped: true, size: 4096 }, { capped: true, size: 8192 });

const collection = fc.record(
  {
    options,
    validator,
    indexes: fc.dictionary(fc.constantFrom('one', 'two', 'three', 'toString'), index),
    documents: fc.dictionary(fc.constantFrom('1', '"x"'), fc.record({ _id: fc.constant(1), a: fc.nat(2) })),
  },
  { requiredKeys: ['options', 'indexes', 'documents'] },
);

/** Schemas that a server could have: indexes that another one rules out are left out. */
export const schemas = fc.dictionary(fc.constantFrom(...collectionNames), collection).map((drawn) => {
  const changes = Object.entries(drawn).flatMap(([name, { options: to, validator: rules, indexes, documents }]): Change[] => [
    { at: [name, 'options'], to },
    ...(rules ? [{ at: [name, 'validator'] as const, to: rules }] : []),
    ...possible(indexes).map(([key, value]): Change => ({ at: [name, 'indexes', key], to: value })),
    ...Object.entries(documents).map(([key, value]): Change => ({ at: [name, 'documents', key], to: value })),
  ]);
  return fold(changes);
});

function possible(indexes: Readonly<Record<string, Index>>): [string, Index][] {
  const kept = new Map<string, Index>();
  for (const [name, candidate] of Object.entries(indexes)) {
    if (checkIndexIn(kept, name, candidate) === undefined) kept.set(name, candidate);
  }
  return [...kept];
}
