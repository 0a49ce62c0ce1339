import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/support/schema-error';
import { rejection, useSmallHistory } from './small-history';

const history = useSmallHistory();
let admin: MongoClient;
beforeAll(async () => {
  admin = await new MongoClient(history.url).connect();
});
afterAll(() => admin.close());

/** What is said of each command: of the first three when the deploy looks at the database, before it applies anything. */
const commands = [
  ['listIndexes', 'Cannot carry out listIndexes of users'],
  ['find', 'Cannot carry out find of users'],
  ['aggregate', 'Cannot carry out aggregate of users'],
  ['insert', 'Cannot create documents of users'],
  ['collMod', 'Cannot create validator of users'],
  ['createIndexes', 'Cannot create index users.at_1'],
  ['update', 'Cannot update a document of users'],
] as const;

/** Errors that the server's state explains, and none of which is tried again by itself. */
const errors = [
  ['OutOfDiskSpace', 14_031, 'free disk space on the server'],
  ['Location8000', 8_000, 'correct the cause that the server names'],
] as const;

/** Lets the server, which is that of other tests too, refuse a command on `users` until the work has ended. */
async function refusing<T>(command: string, errorCode: number, work: () => Promise<T>): Promise<T> {
  const configure = (mode: string, data: object) =>
    admin.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
  const namespace = `${history.name}.users`;
  await configure('alwaysOn', { failCommands: [command], errorCode, namespace });
  return work().finally(() => configure('off', {}));
}

describe('An error of the server that nobody expected', () => {
  const name = '20260104000000-all.ts';

  beforeEach(async () => {
    const steps = [
      `insertDocuments('users', [{ _id: 'system', plan: 'free' }])`,
      `addValidator('users', { email: { $type: 'string' } }, { validationAction: 'warn' })`,
      `createIndexes('users', [{ name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60, serves: 'forgetting' }])`,
      `backfill('users', { filter: { plan: { $exists: false } }, update: { $set: { plan: 'free' } } })`,
    ];
    await history.write(name, steps.join(', '));
    await history.deploy({ to: 'projects' });
    await history.db.collection('users').insertMany([{ email: 'a' }, { email: 'b' }]);
  });

  const cases = commands.flatMap(([command, what]) => errors.map((error) => [command, ...error, what] as const));
  it.each(cases)(
    'in %s is told with what was done, where, and the fix (%s)',
    async (command, error, number, fix, what) => {
      const report = reportOf(await rejection(refusing(command, number, () => history.deploy())));
      const isLook = commands.findIndex(([one]) => one === command) < 3;
      const lines = [report.summary, ...(report.why ?? [])];
      expect(report).toMatchObject({ code: 'SERVER', fix: expect.stringContaining(fix) as string });
      expect(lines).toContain(`${what}: ${error}`);
      if (!isLook)
        expect(report).toMatchObject({ summary: `Cannot apply ${name}`, where: `${history.folder}/${name}` });
      expect(report.left).toEqual([name]);
      // Nothing is broken: the next deploy does the rest.
      expect((await history.deploy()).applied.map((done) => done.name)).toEqual([name]);
    },
  );
});
