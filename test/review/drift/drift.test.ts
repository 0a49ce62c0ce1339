import { beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy';
import { drift, type DriftFinding, type DriftReport } from '../../../src/review';
import { isOwnCollection } from '../../../src/schema';
import { useDatabase } from '../../support/database';
import { fixture } from '../../support/fixture';
import { runInMongosh } from '../../support/mongosh';
import { collectionsByHand, indexesByHand, validatorsByHand } from './by-hand';

const database = useDatabase();
const target = () => ({ url: database.url, database: database.name, folder: fixture.folder });
const findings = async () => (await drift(target())).findings;
const shown = ({ severity, kind, place }: DriftFinding) => `${severity} ${kind}: ${place}`;
const head = fixture.names.at(-1) ?? '';
const clean: DriftReport = { head, findings: [], drift: 0, notices: 0 };

beforeAll(async () => {
  await deploy(target());
});

/**
 * Runs what is printed for people until nothing is left to run, and tells what is found then: a collection that is back lacks
 * what was in it.
 */
async function followAdvice(): Promise<DriftReport> {
  for (let round = 0; ; round++) {
    const report = await drift(target());
    const commands = report.findings.flatMap((finding) => finding.commands);
    if (commands.length === 0 || round === 3) return report;
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
      expect(await followAdvice()).toEqual(clean);
    },
  );

  it('is counted, notices apart', async () => {
    await database.db.collection('users').dropIndex('email_1');
    await database.db.createCollection('metrics', { timeseries: { timeField: 'at' } });
    expect(await drift(target())).toMatchObject({ drift: 1, notices: 1 });
    await database.db.collection('metrics').drop();
    await followAdvice();
  });

  it('names the migration behind each place', async () => {
    await database.db.collection('users').dropIndex('email_1');
    expect((await findings())[0]).toMatchObject({ migration: '20260101000100-account_indexes.ts' });
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
    expect(names.filter((name) => isOwnCollection(name)).length).toBeGreaterThan(2);
    expect(await drift(target())).toEqual(clean);
  });

  it('compares with the head of the server, not with that of the files', async () => {
    const changelog = database.db.collection('changelog');
    const row = await changelog.findOneAndDelete({ fileName: head });
    const report = await drift(target());
    expect(report.head).toBe(fixture.names.at(-2));
    // Reference documents of migrations that are not applied are user data to it.
    expect(report.findings).toEqual([]);
    await changelog.insertOne(row as object);
  });

  it('names a migration whose file is gone', async () => {
    const changelog = database.db.collection('changelog');
    await changelog.insertOne({ fileName: '20260102000000-gone.ts', appliedAt: new Date() });
    expect((await findings()).map(shown)).toEqual(['drift migration missing: migration 20260102000000-gone.ts']);
    await changelog.deleteOne({ fileName: '20260102000000-gone.ts' });
  });
});
