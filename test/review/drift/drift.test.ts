import { beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy';
import { drift, type DriftFinding, type DriftReport } from '../../../src/review';
import { isOwnCollection } from '../../../src/schema';
import { useDatabase } from '../../support/database';
import { projectMigrations } from '../../support/migrations';
import { runInMongosh } from '../../support/mongosh';
import { collectionsByHand, indexesByHand, validatorsByHand } from './by-hand';

const database = useDatabase();
const target = () => ({ url: database.url, database: database.name });
const findings = async () => (await drift(target())).findings;
const shown = ({ severity, kind, place }: DriftFinding) => `${severity} ${kind}: ${place}`;
const head = projectMigrations().at(-1)?.name;
const clean: DriftReport = { head: head ?? '', findings: [], drift: 0, notices: 0 };

beforeAll(async () => {
  await deploy(target());
});

/** Runs what is printed for people until nothing is left to run: a collection that is back lacks what was in it. */
async function followAdvice(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const commands = (await findings()).flatMap((finding) => finding.commands);
    if (commands.length === 0) return;
    for (const command of commands) await runInMongosh(database.db, command);
  }
}

describe('Drift', () => {
  it('finds none after a deploy', async () => {
    expect(await drift(target())).toEqual(clean);
  });

  it.each([...collectionsByHand, ...validatorsByHand, ...indexesByHand].map((one) => [one.title, one] as const))(
    'is found when %s, and what it advises brings back what was',
    async (_title, { change, undo, findings: expected }) => {
      await change(database.db);
      expect((await findings()).map(shown)).toEqual(expected);
      await undo?.(database.db);
      await followAdvice();
      expect(await drift(target())).toEqual(clean);
    },
  );

  it('is counted, notices apart', async () => {
    await database.db.collection('users').dropIndex('email_1');
    await database.db.createCollection('people', { viewOn: 'users', pipeline: [] });
    expect(await drift(target())).toMatchObject({ drift: 1, notices: 1 });
    await database.db.collection('people').drop();
    await followAdvice();
  });

  it('names the migration behind each place', async () => {
    await database.db.collection('users').dropIndex('email_1');
    expect((await findings())[0]).toMatchObject({ migration: '20261123100100-account_indexes.ts' });
    await followAdvice();
  });

  it('tells only the fields of a reference document that were edited', async () => {
    await database.db
      .collection<{ name: string }>('presets')
      .updateOne({ name: 'starter' }, { $set: { name: 'beginner' } });
    expect((await findings())[0]).toMatchObject({ expected: { name: 'starter' }, found: { name: 'beginner' } });
    await followAdvice();
  });

  it('says that the fields of a compound index are the same, in another order', async () => {
    const projects = database.db.collection('projects');
    await projects.dropIndex('user_id_1_status_1');
    await projects.createIndex({ status: 1, user_id: 1 }, { name: 'user_id_1_status_1' }, {});
    expect((await findings())[0]?.words).toEqual(['the same fields in another order, which serves other queries']);
    await followAdvice();
  });

  it('passes by the collections of this tool and of the server', async () => {
    await database.db.command({ profile: 2, slowms: -1 });
    await database.db.collection('users').findOne();
    await database.db.command({ profile: 0, slowms: 100 });
    const names = (await database.db.listCollections().toArray()).map(({ name }) => name);
    expect(names).toContain('system.profile');
    expect(names.filter(isOwnCollection).length).toBeGreaterThan(2);
    expect(await drift(target())).toEqual(clean);
  });

  it('compares with the head of the server, not with that of the files', async () => {
    const changelog = database.db.collection('changelog');
    const row = await changelog.findOneAndDelete({ fileName: head });
    const report = await drift(target());
    expect(report.head).toBe(projectMigrations().at(-2)?.name);
    // Reference documents of migrations that are not applied are user data to it.
    expect(report.findings).toEqual([]);
    await changelog.insertOne(row as object);
  });

  it('names a migration whose file is gone', async () => {
    const changelog = database.db.collection('changelog');
    await changelog.insertOne({ fileName: '20261201000000-gone.ts', appliedAt: new Date() });
    expect((await findings()).map(shown)).toEqual(['drift migration missing: migration 20261201000000-gone.ts']);
    await changelog.deleteOne({ fileName: '20261201000000-gone.ts' });
  });
});
