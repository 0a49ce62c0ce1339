import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  models,
  newModels,
  relations,
  type CollectionName,
  type NewUser,
  type StoredDocument,
  type User,
} from '../../models';
import { foldMigrations } from '../../src/migration';
import { deployProduct, productMigrations } from '../support/product';
import { useDatabase } from '../support/database';
import { sample } from '../support/samples';
import { plannedMigrations } from '../migrations/planned';
import { placesIn } from './json-schema';
import { schemaOf } from './judges';

const names = Object.keys(models) as CollectionName[];

describe('the models', () => {
  const database = useDatabase();
  beforeAll(() => deployProduct(database));

  // A collection needs no model: one is written when an application in TypeScript reads or writes it.
  const collections = Object.keys(foldMigrations(productMigrations()));
  const without = collections.filter((name) => !Object.hasOwn(models, name));
  const note = without.length > 0 ? ` (without a model: ${without.join(', ')})` : '';

  test(`each is that of a collection that migrations make${note}`, async () => {
    const found = await database.db.listCollections({}, { nameOnly: true }).toArray();
    const made = found.map(({ name }) => name);
    const message = 'no migration makes these collections: take their models out of models/models.ts';
    expect(
      names.filter((name) => !made.includes(name)),
      message,
    ).toEqual([]);
  });

  test('each collection that was planned has one', () => {
    expect(Object.keys(foldMigrations(plannedMigrations())).filter((name) => without.includes(name))).toEqual([]);
  });

  test.each(names)('name the same fields and the same choices as the validator, at every depth: %s', async (name) => {
    const places = [...placesIn(await schemaOf(database.db, name))].map(({ path, schema }) =>
      schema.enum ? `${path.join('.')}: ${schema.enum.toSorted().join(', ')}` : path.join('.'),
    );
    const message = `the model of ${name} in models/ (received) and its validator (expected) name other fields`;
    expect([...fieldsIn(models[name])].sort(), message).toEqual(places.sort());
  });

  test('every reference is a relation, and every relation a reference', async () => {
    const references: string[] = [];
    for (const name of names) {
      for (const { path, schema } of placesIn(await schemaOf(database.db, name))) {
        const holdsId = [schema.bsonType].flat().includes('objectId');
        const field = path.filter((part) => part !== 0).join('.');
        if (holdsId && field !== '_id') references.push(`${name}.${field}`);
      }
    }
    const message = 'models/relations.ts names each field that holds an ObjectId, and whose _id that is';
    expect(relations.map(({ from }) => from).sort(), message).toEqual(references.sort());
  });

  test.each(names)('take a document to insert with or without an _id, a stored one only with it: %s', (name) => {
    const document = sample(name);
    const stored = { ...document, _id: new ObjectId() };
    expect(newModels[name].safeParse(document).success).toBe(true);
    expect(newModels[name].safeParse(stored).success).toBe(true);
    expect(newModels[name].safeParse({ ...document, _id: undefined }).success).toBe(false);
    expect(models[name].safeParse(document).success).toBe(false);
    expect(models[name].safeParse(stored).success).toBe(true);
  });

  test('refuse undefined, which the driver would store as null', () => {
    expect(newModels.users.safeParse({ ...sample('users'), name: undefined }).success).toBe(false);
  });

  test('keep fields that they do not name, as the server does', () => {
    const document = { ...sample('users'), oauth: { gitlab_id: '7' }, plan: { seats: 3 } };
    expect(newModels.users.parse(document)).toEqual(document);
  });

  test('say what a type may hold, and no more', () => {
    expectTypeOf<StoredDocument<'users'>>().toEqualTypeOf<User>();
    expectTypeOf<User['_id']>().toEqualTypeOf<ObjectId>();
    expectTypeOf<NewUser['role']>().toEqualTypeOf<'user' | 'admin' | undefined>();
    expectTypeOf<'emial' extends keyof User ? true : false>().toEqualTypeOf<false>();
  });
});

/** The path of every field that a model names, with the values that it chooses from; items of an array stand at 0. */
function* fieldsIn(schema: unknown): Generator<string> {
  if (schema instanceof z.ZodPipe) yield* fieldsIn(schema.out);
  else if (schema instanceof z.ZodArray) yield* fieldIn('0', schema.element);
  else if (schema instanceof z.ZodObject) {
    for (const [name, field] of Object.entries(schema.shape)) yield* fieldIn(name, field);
  }
}

function* fieldIn(name: string, wrapped: unknown): Generator<string> {
  const schema = unwrapped(wrapped);
  const choices = schema instanceof z.ZodEnum ? `: ${schema.options.toSorted().join(', ')}` : '';
  yield name + choices;
  for (const inner of fieldsIn(schema)) yield `${name}.${inner}`;
}

function unwrapped(schema: unknown): unknown {
  const isWrapper = schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable;
  return isWrapper ? unwrapped(schema.unwrap()) : schema;
}
