import type { Db } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { baseline, deploy, rollback } from '../../../src/deploy';
import { drift, plan } from '../../../src/review';
import { useDatabase } from '../../support/database';
import { runInMongosh } from '../../support/mongosh';
import { makeSmallProject, type SmallProject } from '../../support/small-project';

const database = useDatabase();
let project: SmallProject;
const target = () => ({ url: database.url, database: database.name, folder: project.folder });
const findings = async () => (await drift(target())).findings;

beforeAll(async () => {
  project = await makeSmallProject({
    users: "createCollections('users')",
    views:
      "createView('active', { on: 'users', pipeline: [{ $match: { seen: { $gte: new Date(0) } } }, { $sort: { b: 1, a: 1 } }] }), " +
      "createView('newest', { on: 'active', pipeline: [{ $limit: 10 }] })",
  });
});
beforeEach(async () => {
  await database.db.dropDatabase();
  await deploy({ ...target(), strict: true });
});
afterAll(() => project.remove());

const active = 'view active';
const collMod = (db: Db, pipeline: object[]) => db.command({ collMod: 'active', viewOn: 'users', pipeline });

describe('Drift of a view', () => {
  it('is none after a deploy', async () => {
    expect(await findings()).toEqual([]);
  });

  it.each<[title: string, change: (db: Db) => Promise<unknown>, kind: string]>([
    ['is missing', (db) => db.collection('active').drop(), 'view missing'],
    ['shows something else', (db) => collMod(db, [{ $match: { seen: null } }]), 'view differs'],
    [
      'sorts by the same names in another order',
      (db) => collMod(db, [{ $match: { seen: { $gte: new Date(0) } } }, { $sort: { a: 1, b: 1 } }]),
      'view differs',
    ],
    [
      'has another collation',
      async (db) => {
        await db.collection('newest').drop();
        await db.collection('active').drop();
        await db.createCollection('active', { viewOn: 'users', pipeline: [], collation: { locale: 'de' } });
      },
      'view differs',
    ],
  ])('is found when it %s, and what it advises brings back what was', async (_title, change, kind) => {
    await change(database.db);
    const found = await findings();
    expect(found[0]).toMatchObject({ kind, place: active, severity: 'drift', migration: project.names[1] });
    for (const command of found.flatMap(({ commands }) => commands)) await runInMongosh(database.db, command);
    expect(await findings()).toEqual([]);
  });

  it('is one finding when a collection stands in its place, and none but its own', async () => {
    await database.db.collection('newest').drop();
    await database.db.createCollection('newest');
    expect(await findings()).toMatchObject([
      {
        kind: 'view missing',
        place: 'view newest',
        found: 'collection',
        words: ['a collection with that name exists'],
      },
    ]);
    await database.db.collection('newest').drop();
    for (const { commands } of await findings()) await runInMongosh(database.db, commands[0] ?? '');
    expect(await findings()).toEqual([]);
  });

  it('stops a strict deploy, and is shown with what is pending', async () => {
    await database.db.createCollection('stray', { viewOn: 'users', pipeline: [] });
    await expect(deploy({ ...target(), strict: true })).rejects.toThrow('view stray');
    await rollback({ ...target(), steps: 1 });
    const { pending, schemaChanges, after } = await plan(target());
    expect(pending.flatMap(({ changes }) => changes.map(({ verdict }) => verdict))).toEqual(['pending', 'pending']);
    expect(schemaChanges.map(({ kind }) => kind)).toEqual(['view', 'view']);
    expect(after).toMatchObject({ views: 2 });
    await deploy(target());
    await database.db.collection('stray').drop();
  });

  it('keeps a baseline from marking its migration, and a view that holds is marked', async () => {
    await database.db.collection('changelog').deleteMany({});
    await collMod(database.db, []);
    const report = await baseline({ ...target(), dryRun: true });
    expect(report).toMatchObject({ marked: [project.names[0]], extras: [active, 'view newest'] });
    expect(report.stoppedAt?.differences).toMatchObject([{ place: active }]);
    await collMod(database.db, [{ $match: { seen: { $gte: new Date(0) } } }, { $sort: { b: 1, a: 1 } }]);
    expect((await baseline(target())).marked).toEqual(project.names);
  });
});
