import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy } from '../../src/deploy';
import { lossOf, type KnownQuery } from '../../src/indexes';
import { changeTextIndex } from '../../src/migration';
import { describeLoss, lookAtServer, plan } from '../../src/review';
import { useDatabase } from '../support/database';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { startWithUsers } from '../support/server-with-users';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

const database = useDatabase();
let project: SmallProject;
beforeAll(async () => {
  project = await makeSmallProject({
    users: "createCollections('people')",
    indexes: `createIndexes('people', [${indexOn('email')}, ${indexOn('name')}])`,
    losses: `hideIndex('people', 'email_1'), dropIndexes('people', [${indexOn('name')}])`,
  });
});
afterAll(() => project.remove());
beforeEach(async () => {
  await deploy({ ...target(), to: 'indexes' });
});
afterEach(() => database.db.dropDatabase());

const target = () => ({ url: database.url, database: database.name, folder: project.folder });
const queries: readonly KnownQuery[] = [
  { name: 'by-email', collection: 'people', index: 'email_1', filter: { email: 'x' } },
  { name: 'also-by-email', collection: 'people', index: 'email_1', filter: { email: 'y' } },
];
const names = ['by-email', 'also-by-email'];

describe('A plan that takes indexes away', () => {
  it('tells who uses them, since when, and which known queries lose them', async () => {
    await database.db.collection('people').insertOne({ email: 'x', name: 'x' });
    for (let times = 0; times < 3; times++) await database.db.collection('people').find({ email: 'x' }).toArray();
    const { indexLosses } = await plan({ ...target(), queries });
    const losses = { migration: project.names[2], collection: 'people' };
    expect(indexLosses).toMatchObject([
      { ...losses, name: 'email_1', how: 'hide', queries: names, use: { ops: 3, since: expect.any(Date) as Date } },
      { ...losses, name: 'name_1', how: 'drop', queries: [], use: { ops: 0 } },
    ]);
    const { stdout } = await runSchema(project, ['plan'], serverEnvironment(database.name));
    expect(stdout).toMatch(/^ {4}index: used 3 times since \d{4}-\d\d-\d\d \d\d:\d\d; it serves no known query$/m);
    expect(stdout).toMatch(/^ {4}index: used 0 times since /m);
    const live = await lookAtServer({ ...target(), queries });
    expect(JSON.stringify(live)).toMatch(
      /used 3 times since [^"]*; known queries that lose it: by-email, also-by-email"/,
    );
  });

  it('tells which slow queries that the profiler has recorded lose them, without their values', async () => {
    const { db } = database;
    const people = db.collection('people');
    await db.command({ profile: 2 });
    await people.find({ email: 'secret@example.com' }).toArray();
    await people
      .find({ email: { $gt: 'secret' }, name: 'secret' })
      .hint('name_1')
      .toArray();
    await people.find({ other: 'secret' }).toArray();
    await db.command({ profile: 0 });
    const { indexLosses } = await plan({ ...target(), queries });
    expect(indexLosses.map(({ name, slow }) => [name, slow])).toEqual([
      ['email_1', ['find { email: ? }']],
      ['name_1', ['find { email: { $gt: ? }, name: ? }']],
    ]);
    const { stdout } = await runSchema(project, ['plan'], serverEnvironment(db.databaseName));
    expect(stdout).toMatch(/^ {4}index: used .*; slow queries that lose it: find \{ email: \? \}$/m);
    expect(JSON.stringify(await lookAtServer({ ...target(), queries }))).toContain(
      'slow queries that lose it: find { email: { $gt: ? }, name: ? }"',
    );
    expect(stdout).not.toContain('secret');
  });

  it('leaves out what somebody did by hand already', async () => {
    await database.db.command({ collMod: 'people', index: { name: 'email_1', hidden: true } });
    expect((await plan(target())).indexLosses.map(({ name }) => name)).toEqual(['name_1']);
  });

  it('is there for a user who may not know the use, and names the privilege', async () => {
    const server = await startWithUsers();
    try {
      const to = { database: 'product', folder: project.folder };
      await deploy({ ...to, url: server.url, to: 'indexes' });
      const url = await server.urlWith({ role: 'read', db: 'product' });
      const { pending, indexLosses } = await plan({ ...to, url, queries });
      expect(pending).toHaveLength(1);
      const notKnown = 'this user lacks the privilege indexStats on product.people';
      expect(indexLosses).toMatchObject([
        { notKnown, queries: names, slow: [] },
        { notKnown, slow: [] },
      ]);
      const env = { MONGODB_URL: url, MONGODB_DATABASE: 'product' };
      const { stdout } = await runSchema(project, ['plan'], env);
      expect(stdout).toContain(`    index: its use is unknown: ${notKnown}; it serves no known query`);
    } finally {
      await server.stop();
    }
  });
});

it('A loss names five slow queries at most', () => {
  const slow = Array.from({ length: 7 }, (_, at) => `find { f${at}: ? }`);
  expect(describeLoss({ queries: [], slow })).toBe(
    `it serves no known query; slow queries that lose it: ${slow.slice(0, 5).join(', ')}, and 2 more`,
  );
});

it('A text index that is made anew in the same migration is no loss', () => {
  const from = { name: 'a_text', key: { a: 'text' as const }, serves: 'search' };
  const { changes } = changeTextIndex('people', { reason: 'a test', from, to: { ...from, weights: { a: 2 } } });
  expect(changes.length).toBeGreaterThan(0);
  expect(changes.map((change) => lossOf(change, changes, queries))).toEqual(changes.map(() => undefined));
});
