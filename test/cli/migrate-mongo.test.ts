import { describe, expect, it } from 'vitest';
import { isOwnCollection } from '../../src/schema';
import { fixture } from '../support/fixture';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { goDown, useBareMigrateMongo } from './bare-migrate-mongo';

const migrateMongo = useBareMigrateMongo();
const { database, changelog, expectApplied } = migrateMongo;
const { names } = fixture;
const [collections = ''] = names;
const newest = names.at(-1) ?? '';

/** What a table of `status` says of each migration. */
function statusRows(stdout: string): Record<string, string> {
  const rows = [...stdout.matchAll(/(\d{14}-[\w-]+\.ts)\W+([\w:.-]+)/g)];
  return Object.fromEntries(rows.map(([, name, state]) => [name ?? '', state ?? '']));
}

/** The tests of this block follow the life of one database: each begins where the one before it ended. */
describe("migrate-mongo's own command line", () => {
  it('shows every migration as pending on an empty server', async () => {
    const { exitCode, stdout } = await migrateMongo.run('status');
    expect(exitCode).toBe(0);
    expect(statusRows(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, 'PENDING'])));
  });

  it('goes up to the schema that the migrations fold to', async () => {
    const { exitCode, stdout, stderr } = await migrateMongo.run('up');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => `MIGRATED UP: ${name}`));
    await expectApplied(names);
  });

  it('records them in its own format, each only once', async () => {
    const rows = await changelog();
    for (const row of rows) {
      expect(Object.keys(row).sort()).toEqual(['_id', 'appliedAt', 'fileName', 'migrationBlock']);
      expect(row['appliedAt']).toBeInstanceOf(Date);
      expect(row['migrationBlock']).toBe(rows[0]?.['migrationBlock']);
    }
    expect(rows[0]?.['migrationBlock']).toBeTypeOf('number');
    const again = database.db.collection('changelog').insertOne({ fileName: collections });
    await expect(again).rejects.toThrow(/E11000.*fileName_1/);
  });

  it('shows when each was applied', async () => {
    const dates = (await changelog()).map((row) => [
      row['fileName'] as string,
      (row['appliedAt'] as Date).toISOString(),
    ]);
    expect(dates).toHaveLength(names.length);
    expect(statusRows((await migrateMongo.run('status')).stdout)).toEqual(Object.fromEntries(dates));
  });

  it('changes nothing when it goes up again', async () => {
    const before = await changelog();
    expect(await migrateMongo.run('up')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await changelog()).toEqual(before);
    await expectApplied(names);
  });

  it('goes down by the newest alone', () => goDown(migrateMongo, newest));

  it('leaves a database that deploy goes on with, and finds nothing to do after that', async () => {
    const { exitCode, stdout } = await runSchema(fixture, ['deploy'], serverEnvironment(database.name));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 migration applied.');
    expect(stdout).toContain(`applied  ${newest}`);
    expect(await migrateMongo.run('up')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await expectApplied(names);
  });

  it('drops no collection while documents are in one, and says how many', async () => {
    const back = await runSchema(fixture, ['rollback', '--to', collections, '--yes'], serverEnvironment(database.name));
    expect(back.exitCode, back.stderr).toBe(0);
    await database.db.collection<{ email: string }>('users').insertMany([{ email: 'a' }, { email: 'b' }]);
    // The name of another migration is none.
    const { exitCode, stdout, stderr } = await migrateMongo.run('down', { SCHEMA_ALLOW_DATA_LOSS: newest });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('the collection users holds 2 documents\n');
    expect(stderr).toContain('SCHEMA_ALLOW_DATA_LOSS=');
    await expectApplied([collections]);
    expect(await database.db.collection('users').countDocuments()).toBe(2);
  });

  it('loses them when it is told so by the name of the migration, and leaves nothing', async () => {
    const { stdout } = await migrateMongo.run('down', { SCHEMA_ALLOW_DATA_LOSS: collections });
    expect(stdout).toBe(`MIGRATED DOWN: ${collections}\n`);
    const left = await database.db.listCollections({}, { nameOnly: true }).toArray();
    expect(left.filter(({ name }) => !isOwnCollection(name))).toEqual([]);
    expect(await changelog()).toEqual([]);
  });
});

describe("migrate-mongo's own command line, beside a collection of the name of its changelog", () => {
  it('says that the collection of that name is no changelog', async () => {
    await database.db.dropDatabase();
    await database.db.collection('changelog').insertOne({ title: 'news' });
    const { exitCode, stderr } = await migrateMongo.run('up');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('is not a changelog of migrations, so nothing was changed (FOREIGN_DATABASE)');
    expect(await changelog()).toMatchObject([{ title: 'news' }]);
  });
});
