import { beforeEach, describe, expect, it } from 'vitest';
import { listCollections, readSchema } from '../../src/database';
import { lookBefore } from '../../src/execute';
import { changeCollection, createCollections } from '../../src/migration';
import { Draft } from '../../src/schema';
import { useDatabase } from '../support/database';
import { errorWith } from '../support/error-with';
import { runSteps } from '../support/run-steps';

const database = useDatabase();
const events = () => database.db.collection<{ _id: number | Date }>('events');
const options = async () => (await readSchema(database.db)).schema['events']?.options;
const uuid = async () => (await listCollections(database.db, ['events']))[0]?.info?.uuid?.toString('hex');

const capped = { capped: true, size: 8192, max: 100 };
const clustered = { clusteredIndex: { key: { _id: 1 }, unique: true } };
const imaged = { changeStreamPreAndPostImages: { enabled: true } };
const make = (from: object) => runSteps(database.db, [createCollections({ name: 'events', ...from })]);
const numbers = (count: number) => Array.from({ length: count }, (_, _id) => ({ _id }));
const refused = (why: string) =>
  errorWith({ code: 'DATA_LOSS', summary: 'A change would make the server delete', why });

beforeEach(() => database.db.dropDatabase());

describe('changeCollection', () => {
  it.each([
    ['the limits of a capped collection', capped, { capped: true, size: 4096, max: 50 }],
    [
      'when documents of a clustered one expire',
      { ...clustered, expireAfterSeconds: 60 },
      { ...clustered, expireAfterSeconds: 0 },
    ],
    ['that they expire', clustered, { ...clustered, expireAfterSeconds: 3600 }],
    ['that documents are kept before and after changes', {}, imaged],
    ['two things at once', { ...clustered, expireAfterSeconds: 60 }, { ...clustered, ...imaged }],
  ])('changes %s in place, and going down changes it back', async (_title, from, to) => {
    await make(from);
    await events().insertOne({ _id: 1 });
    const before = await uuid();
    const step = changeCollection('events', { from, to });
    expect(await runSteps(database.db, [step])).toEqual(['done']);
    expect(await options()).toEqual(to);
    expect(await runSteps(database.db, [step])).toEqual(['already']);
    expect(await runSteps(database.db, [step], 'down')).toEqual(['done']);
    expect(await options()).toEqual(from);
    expect(await uuid()).toBe(before);
    expect(await events().countDocuments()).toBe(1);
  });

  it('is refused where other options are there, and says whether it could change those', async () => {
    await make({ ...capped, size: 4096 });
    const step = changeCollection('events', { from: capped, to: { ...capped, max: 50 } });
    await expect(runSteps(database.db, [step])).rejects.toMatchObject({
      code: 'CONFLICT',
      fix: expect.stringMatching(
        /use the present options as the `from` of changeCollection\nin mongosh:\n.*may delete documents$/,
      ) as string,
    });
    await database.db.dropDatabase();
    await make({});
    await expect(runSteps(database.db, [step])).rejects.toThrow(
      'these options of an existing collection cannot be changed',
    );
    await database.db.dropDatabase();
    await expect(runSteps(database.db, [step])).rejects.toThrow('createCollections makes the collection');
  });

  it.each([
    ['a collation', {}, { collation: { locale: 'de' } }, 'changeCollection cannot change collation of events'],
    ['a collection that is to be capped', {}, capped, 'changeCollection cannot change capped, max, size of events'],
    [
      'a limit that is taken away',
      capped,
      { capped: true, size: 8192 },
      'changeCollection cannot change max of events',
    ],
    ['nothing', capped, capped, 'the same options before and after'],
    ['a name of a command', capped, { ...capped, cappedSize: 1 }, 'cappedSize'],
    ['a validator', {}, { validator: {} }, 'changeCollection does not accept validator'],
  ])('refuses %s', (_title, from, to, message) => {
    expect(() => changeCollection('events', { from, to })).toThrow(message);
  });
});

describe('Documents that other options would delete', () => {
  it.each([
    [
      'by a smaller number',
      capped,
      { ...capped, max: 3 },
      7,
      'the next insert would delete the oldest documents, 7 of 10 documents',
      3,
    ],
    [
      'by a smaller size',
      capped,
      { ...capped, size: 64 },
      6,
      'the next insert would delete the oldest documents, about 6 of 10 documents',
      4,
    ],
  ])('%s take the name of the migration', async (_title, from, to, count, message, left) => {
    await make(from);
    await events().insertMany(numbers(10));
    const step = changeCollection('events', { from, to });
    const [change] = step.changes;
    const draft = new Draft((await readSchema(database.db)).schema);
    const findings = change && (await lookBefore(database.db, change, { draft, removed: [] }));
    expect(findings).toMatchObject([{ kind: 'documents to lose', blocks: true, count, message }]);
    await expect(runSteps(database.db, [step])).rejects.toThrow(refused(message));
    expect(await options()).toEqual(from);
    await runSteps(database.db, [step], 'up', { allowDataLoss: true });
    expect(await options()).toEqual(to);
    await events().insertOne({ _id: 10 });
    expect(await events().countDocuments()).toBe(left);
  });

  it('on the way down as well', async () => {
    await make(capped);
    const step = changeCollection('events', { from: capped, to: { ...capped, max: 200 } });
    await runSteps(database.db, [step]);
    await events().insertMany(numbers(110));
    await expect(runSteps(database.db, [step], 'down')).rejects.toThrow(refused('10 of 110 documents'));
    expect(await options()).toEqual({ ...capped, max: 200 });
  });

  it('by an expiry take it as those of a TTL do, also when they come after the first look', async () => {
    await make(clustered);
    await events().insertMany([{ _id: new Date(Date.now() + 1e6) }, { _id: 1 }]);
    let isWritten = false;
    const guard = async () => {
      if (!isWritten) await events().insertOne({ _id: new Date(0) });
      isWritten = true;
    };
    const step = changeCollection('events', { from: clustered, to: { ...clustered, expireAfterSeconds: 60 } });
    const why = 'collection events: 1 document is older than the TTL';
    await expect(runSteps(database.db, [createCollections('other'), step], 'up', { guard })).rejects.toThrow(
      refused(why),
    );
    await expect(runSteps(database.db, [step])).rejects.toThrow(refused(why));
    expect(await options()).toEqual(clustered);
    await runSteps(database.db, [step], 'up', { allowDataLoss: true });
    expect(await options()).toEqual({ ...clustered, expireAfterSeconds: 60 });
  });
});
