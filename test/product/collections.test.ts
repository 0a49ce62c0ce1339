import fc from 'fast-check';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { collections, type TypedCollection } from '../../src';
import { models, type CollectionName, type Result, type StoredDocument, type User } from '../../models';
import { collectionLike, schemaOf, underNewId } from '../models/judges';
import { validDocuments } from '../models/valid-documents';
import { deployProduct } from '../support/product';
import { useDatabase } from '../support/database';

const seed = 20261125;
const names = Object.keys(models) as CollectionName[];
const database = useDatabase();
beforeAll(() => deployProduct(database));

describe('The typed collections', () => {
  test('are those of the models, no more and no less', () => {
    expect(Object.keys(collections(database.db))).toEqual(names);
    for (const [name, collection] of Object.entries(collections(database.db))) {
      expect(collection.namespace).toBe(`${database.name}.${name}`);
    }
  });

  test('know what their documents are, and a field that is none is an error to the compiler', () => {
    type Found = ReturnType<typeof collections>;
    expectTypeOf<Found['users']>().toEqualTypeOf<TypedCollection<User>>();
    expectTypeOf<Found['results']>().toEqualTypeOf<TypedCollection<Result>>();
    expectTypeOf<keyof Found>().toEqualTypeOf<CollectionName>();
    expectTypeOf<User>().toHaveProperty('email');
    expectTypeOf<User>().not.toHaveProperty('e_mail');
  });

  test.each(names)('give back every valid document as it was stored: %s', async (name) => {
    const schema = await schemaOf(database.db, name);
    // Nothing but the validator stands in the way: two made-up documents may well share what must be unique.
    const { collectionName } = await collectionLike(database.db, name);
    const stored = database.db.collection<StoredDocument<typeof name>>(collectionName);
    const documents = fc.oneof(validDocuments(schema, false), validDocuments(schema, true));
    const batches = fc.array(documents as fc.Arbitrary<StoredDocument<typeof name>>, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(batches, async (made) => {
        const batch = made.map(underNewId);
        await stored.insertMany(batch);
        const read = await stored.find({ _id: { $in: batch.map(({ _id }) => _id) } }).toArray();
        expect(new Set(read)).toStrictEqual(new Set(batch));
      }),
      { seed, numRuns: 10 },
    );
  });
});
