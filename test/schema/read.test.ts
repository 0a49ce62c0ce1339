import type { Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSchema } from '../../src/database';
import { useDatabase } from '../support/database';
import { german } from '../support/collations';

const database = useDatabase();

beforeEach(() => database.db.dropDatabase());

const create = (name: string, options: Document = {}) => database.db.command({ create: name, ...options });
const read = async (name: string) => (await readSchema(database.db)).schema[name];

async function readIndex(index: Document): Promise<unknown> {
  await database.db.command({ createIndexes: 'a', indexes: [{ name: 'i', ...index }] });
  return (await read('a'))?.indexes?.['i'];
}

describe('A live database is read', () => {
  it('as nothing where it does not exist', async () => {
    const live = await readSchema(database.db);
    expect(live.schema).toEqual({});
    expect(live.others.size + live.closed.size).toBe(0);
  });

  it('with views and time series told apart, and neither system collections nor our own', async () => {
    await create('results');
    await create('latest', { viewOn: 'results', pipeline: [] });
    await create('measures', { timeseries: { timeField: 'at' } });
    for (const own of ['changelog', 'changelog_lock', 'schema_history', 'schema_lock']) await create(own);
    const { schema, others } = await readSchema(database.db);
    expect(Object.keys(schema)).toEqual(['latest', 'measures', 'results']);
    expect(schema['latest']).toEqual({ view: { viewOn: 'results', pipeline: [] } });
    expect(schema['measures']).toMatchObject({ options: { timeseries: { timeField: 'at' } }, indexes: {} });
    expect(others.size).toBe(0);
    const names = (await database.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(names).toContain('system.views');
    expect(names).toContain('system.buckets.measures');
  });

  it('with the collections in order, frozen', async () => {
    for (const name of ['z', 'a', 'Z']) await create(name);
    const { schema } = await readSchema(database.db);
    expect(Object.keys(schema)).toEqual(['Z', 'a', 'z']);
    expect(Object.isFrozen(schema['a']?.indexes)).toBe(true);
  });

  it('only where it was asked to look', async () => {
    for (const name of ['a', 'b', 'c']) {
      await database.db.collection(name).createIndex({ x: 1 });
    }
    const { schema } = await readSchema(database.db, { collections: ['a', 'b', 'none'], indexes: new Set(['b']) });
    expect(Object.keys(schema)).toEqual(['a', 'b']);
    expect(schema['a']?.indexes).toEqual({});
    expect(Object.keys(schema['b']?.indexes ?? {})).toEqual(['x_1']);
  });
});

describe('The options of a collection are read', () => {
  it.each<[title: string, sent: Document, found: Document]>([
    ['as none where none were given', {}, {}],
    ['without those that are off by default', { capped: false, changeStreamPreAndPostImages: { enabled: false } }, {}],
    ['without the simple collation', { collation: { locale: 'simple' } }, {}],
    ['with a collation in full', { collation: { locale: 'de', strength: 2 } }, { collation: german }],
    ['with the sizes of a capped one', { capped: true, size: 300, max: 5 }, { capped: true, size: 300, max: 5 }],
    [
      'with pre-images',
      { changeStreamPreAndPostImages: { enabled: true } },
      { changeStreamPreAndPostImages: { enabled: true } },
    ],
    [
      'with the key of a clustered one',
      { clusteredIndex: { key: { _id: 1 }, unique: true }, expireAfterSeconds: 60 },
      { clusteredIndex: { key: { _id: 1 }, unique: true }, expireAfterSeconds: 60 },
    ],
    [
      'with the name of a clustered index where it is no usual one',
      { clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by_id' } },
      { clusteredIndex: { key: { _id: 1 }, unique: true, name: 'by_id' } },
    ],
  ])('%s', async (_title, sent, found) => {
    await create('a', sent);
    expect(await read('a')).toEqual({ options: found, indexes: {}, documents: {} });
  });
});

describe('A validator is read', () => {
  it('without the level and action that the server assumes', async () => {
    await create('a', { validator: { x: 1 }, validationLevel: 'strict', validationAction: 'error' });
    expect((await read('a'))?.validator).toEqual({ validator: { x: 1 } });
  });

  it('with another level and action', async () => {
    await create('a', { validator: { x: 1 }, validationLevel: 'moderate', validationAction: 'warn' });
    expect((await read('a'))?.validator).toEqual({
      validator: { x: 1 },
      validationLevel: 'moderate',
      validationAction: 'warn',
    });
  });

  it('as none when it was taken away, although the server keeps its level and action', async () => {
    await create('a', { validator: { x: 1 }, validationLevel: 'moderate', validationAction: 'warn' });
    await database.db.command({ collMod: 'a', validator: {} });
    const [info] = await database.db.listCollections({ name: 'a' }, { nameOnly: false }).toArray();
    expect(info?.options).toEqual({ validationLevel: 'moderate', validationAction: 'warn' });
    expect(await read('a')).toEqual({ options: {}, indexes: {}, documents: {} });
  });
});

describe('A view is read', () => {
  it('with its pipeline, dates in it as Extended JSON, and its collation in full', async () => {
    const pipeline = [{ $match: { at: { $gt: new Date(0) } } }];
    await create('v', { viewOn: 'nothing', pipeline, collation: { locale: 'de', strength: 2 } });
    expect(await read('v')).toEqual({
      view: {
        viewOn: 'nothing',
        pipeline: [{ $match: { at: { $gt: { $date: '1970-01-01T00:00:00Z' } } } }],
        collation: german,
      },
    });
  });

  it('without the simple collation', async () => {
    await create('v', { viewOn: 'nothing', collation: { locale: 'simple' } });
    expect(await read('v')).toEqual({ view: { viewOn: 'nothing', pipeline: [] } });
  });
});

describe('An index is read', () => {
  it.each<[title: string, sent: Document, found: Document]>([
    ['without what is off', { key: { a: 1 }, unique: false, sparse: false, hidden: false }, { key: { a: 1 } }],
    [
      'with its text fields and weights',
      { key: { p: 1, b: 'text', a: 'text' }, weights: { b: 5 } },
      { key: { p: 1, a: 'text', b: 'text' }, weights: { b: 5 } },
    ],
    [
      'with other languages',
      { key: { a: 'text' }, default_language: 'german', language_override: 'idioma' },
      { key: { a: 'text' }, default_language: 'german', language_override: 'idioma' },
    ],
    ['with text in every field', { key: { '$**': 'text' } }, { key: { '$**': 'text' } }],
    [
      'with a wildcard and its projection',
      { key: { '$**': 1 }, wildcardProjection: { a: 1 } },
      { key: { '$**': 1 }, wildcardProjection: { a: 1 } },
    ],
    [
      'with a partial filter, dates in it as Extended JSON',
      { key: { a: 1 }, partialFilterExpression: { at: { $gt: new Date(0) } } },
      { key: { a: 1 }, partialFilterExpression: { at: { $gt: { $date: '1970-01-01T00:00:00Z' } } } },
    ],
    ['hidden', { key: { a: 1 }, hidden: true }, { key: { a: 1 }, hidden: true }],
    ['unique and sparse', { key: { a: 1 }, unique: true, sparse: true }, { key: { a: 1 }, unique: true, sparse: true }],
    ['with a TTL of no seconds', { key: { a: 1 }, expireAfterSeconds: 0 }, { key: { a: 1 }, expireAfterSeconds: 0 }],
    [
      'with a collation in full',
      { key: { a: 1 }, collation: { locale: 'de', strength: 2 } },
      { key: { a: 1 }, collation: german },
    ],
    ['on a sphere', { key: { a: '2dsphere' } }, { key: { a: '2dsphere' } }],
  ])('%s', async (_title, sent, found) => {
    expect(await readIndex(sent)).toEqual(found);
  });

  it('with the collation that it inherits from its collection', async () => {
    await create('a', { collation: { locale: 'de', strength: 2 } });
    expect(await readIndex({ key: { a: 1 } })).toEqual({ key: { a: 1 }, collation: german });
  });

  it('with the order of the fields in its key', async () => {
    const index = (await readIndex({ key: { z: 1, a: -1, m: 1 } })) as { key: object };
    expect(Object.keys(index.key)).toEqual(['z', 'a', 'm']);
  });
});
