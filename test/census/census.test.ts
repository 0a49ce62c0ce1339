import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Double, Int32, Long, ObjectId } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { census, compareCensuses, describeCensus, describeCensusChange, type CollectionCensus } from '../../src/census';
import { useDatabase } from '../support/database';
import { documentOf, runSchema, serverEnvironment } from '../support/schema-command';
import { fixture } from '../support/fixture';

const database = useDatabase();
const target = () => ({ url: database.url, database: database.name });
const secret = 'nobody-may-read-this';

const validator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['email'],
    properties: {
      email: { bsonType: 'string' },
      role: { enum: ['admin', 'user'] },
      nickname: { bsonType: 'string' },
      address: {
        bsonType: 'object',
        properties: {
          kind: { enum: ['home', 'work'] },
          city: { bsonType: ['string', 'null'] },
          floor: { bsonType: 'int' },
        },
      },
      tags: { bsonType: 'array', items: { enum: ['a', 'b'] } },
      orders: {
        bsonType: 'array',
        items: { bsonType: 'object', properties: { state: { enum: ['open', 'done'] }, price: { bsonType: 'number' } } },
      },
    },
  },
};

/** 400 people; what is wrong with some of them is counted below. */
const people = Array.from({ length: 400 }, (_, at) => ({
  _id: new ObjectId(),
  email: `${at}@example.com`,
  role: at < 10 ? secret : 'user',
  address: { kind: at < 20 ? secret : 'home', city: at % 2 === 0 ? 'Bonn' : null, floor: at < 4 ? secret : 1 },
  tags: at < 5 ? ['a', secret] : ['a', 'b'],
  orders: [
    { state: at < 8 ? secret : 'done', price: at % 2 === 0 ? new Int32(1) : new Double(1.5) },
    { state: 'open', price: Long.fromNumber(2), ...(at < 40 && { voucher: secret }) },
  ],
  ...(at < 100 && { legacy: { score: secret, parts: [1] } }),
}));

let people400: CollectionCensus;

beforeAll(async () => {
  const collection = await database.db.createCollection('people', { validator });
  await collection.createIndex({ phone: 1 });
  await collection.insertMany(people, { bypassDocumentValidation: true });
  await database.db.createCollection('empty');
  await database.db.createCollection('everyone', { viewOn: 'people', pipeline: [] });
  await database.db.createCollection('readings', { timeseries: { timeField: 'at' } });
  await database.db.collection('readings').insertOne({ at: new Date(), celsius: 20 });
  const found = await census(target());
  expect(Object.keys(found.collections).sort()).toEqual(['empty', 'people', 'readings']);
  people400 = found.collections['people'] ?? expect.fail('people are not in it');
});

describe('A census', () => {
  it('counts the documents that a strict validator would refuse as the server does', async () => {
    const refused = await database.db.collection('people').countDocuments({ $nor: [validator] });
    expect(refused).toBeGreaterThan(0);
    expect(people400.refused).toEqual({
      count: refused,
      of: 400,
      share: refused / 400,
      low: refused / 400,
      high: refused / 400,
    });
  });

  it('finds fields that nobody declared, and none of those in them', () => {
    const found = people400.undeclared.map(({ path: own, presence: { count, of } }) => [own, count, of]);
    expect(found).toEqual([
      ['legacy', 100, 400],
      ['orders[].voucher', 40, 800],
    ]);
  });

  it('finds values outside of enums at every depth', () => {
    expect(people400.outsideEnums.map(({ path: own, documents: { count } }) => [own, count])).toEqual([
      ['role', 10],
      ['address.kind', 20],
      ['tags[]', 5],
      ['orders[].state', 8],
    ]);
  });

  it('finds several types in a field that the validator does not list, and takes all numbers for one', () => {
    expect(people400.mixed.map(({ path: own }) => own)).toEqual(['address.floor']);
    const price = people400.fields.find(({ path: own }) => own === 'orders[].price');
    expect(
      Object.entries(price?.types ?? {})
        .map(([type, { count }]) => [type, count])
        .sort(),
    ).toEqual([
      ['double', 200],
      ['int', 200],
      ['long', 400],
    ]);
  });

  it('finds declared fields that no document has', () => {
    expect(people400.rare.map(({ path: own }) => own)).toEqual(['nickname', 'phone']);
  });

  it('tells bounds that hold what a count of all documents finds', async () => {
    const { collections } = await census({ ...target(), collections: ['people'], sample: 100 });
    const sampled = collections['people'] ?? expect.fail('people are not in it');
    expect(sampled.sampled).toBe(100);
    const legacy = sampled.undeclared.find(({ path: own }) => own === 'legacy');
    // Once in twenty times they do not; so far out, never.
    expect(legacy?.presence.low).toBeLessThan(0.45);
    expect(legacy?.presence.high).toBeGreaterThan(0.12);
    expect(legacy && legacy.presence.high - legacy.presence.low).toBeGreaterThan(0.1);
  });

  it('shows no value of a document', async () => {
    const found = await census(target());
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(describeCensus(found).join('\n')).toMatchInlineSnapshot(`
      "empty: 0 documents, all of them read; they match the declarations
      people: 400 documents, all of them read
        refused     5 % of the documents would be refused by the validator
        enum        role: in 2.5 % of the documents, the value is not one of the 2 allowed values
        enum        address.kind: in 5 % of the documents, the value is not one of the 2 allowed values
        enum        tags[]: in 1.3 % of the documents, the value is not one of the 2 allowed values
        enum        orders[].state: in 2 % of the documents, the value is not one of the 2 allowed values
        undeclared  legacy: in 25 %, object
        undeclared  orders[].voucher: in 5 %, string
        mixed       address.floor: int 99 %, string 1 %
        rare        nickname: in 0 %
        rare        phone: in 0 %
      readings: 1 document, all of them read; they match the declarations"
    `);
  });

  it('finds nothing in what is as declared', async () => {
    const found = await census({ ...target(), collections: ['empty'] });
    expect(describeCensus(found)).toEqual(['empty: 0 documents, all of them read; they match the declarations']);
  });

  it('refuses a collection that is not there, and names the one that was meant', async () => {
    await expect(census({ ...target(), collections: ['poeple'] })).rejects.toThrow('There is no collection poeple');
    await expect(census({ ...target(), collections: ['poeple'] })).rejects.toThrow('did you mean people?');
  });
});

describe('A later census', () => {
  it('tells what changed beyond chance', async () => {
    const before = await census(target());
    expect(compareCensuses(before, await census(target()))).toEqual([]);
    const { db } = database;
    await db
      .collection('people')
      .updateMany({}, { $set: { phone: secret }, $unset: { legacy: '' } }, { bypassDocumentValidation: true });
    await db.createCollection('more');
    const changes = compareCensuses(before, await census(target()));
    expect(changes.map(describeCensusChange).sort()).toEqual([
      'more: new',
      'people.legacy object: 100 % → none',
      'people.legacy.parts array: 100 % → none',
      'people.legacy.parts: 100 % → none',
      'people.legacy.parts[] int: 100 % → none',
      'people.legacy.score string: 100 % → none',
      'people.legacy.score: 100 % → none',
      'people.legacy: 25 % → none',
      'people.phone string: none → 100 %',
      'people.phone: none → 100 %',
    ]);
  });
});

describe('schema census', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'census-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => runSchema(fixture, ['census', ...args], serverEnvironment(database.name));

  it('prints JSON that --compare takes, and ends 2 with --exit-code when documents differ', async () => {
    const first = await run('people', '--json', '--exit-code');
    expect(first.exitCode).toBe(2);
    expect(documentOf(first)).toHaveProperty('collections.people.documents', 400);
    const file = path.join(folder, 'census.json');
    await writeFile(file, first.stdout);
    const second = await run('people', '--compare', file, '--exit-code');
    expect(second).toMatchObject({ exitCode: 0 });
    expect(second.stdout).toContain('Nothing changed since');
  });

  it('refuses a file that is no census, before it asks the server', async () => {
    const file = path.join(folder, 'other.json');
    await writeFile(file, '{"collections": []}');
    const { exitCode, stderr } = await run('--compare', file);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(`${file} is not a census`);
    expect((await run('--compare', path.join(folder, 'none.json'))).stderr).toContain('cannot be read');
  });
});
