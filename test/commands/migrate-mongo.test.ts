import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fold, isOwnCollection } from '../../src/schema';
import { useDatabase } from '../support/database';
import { liveSchema, projectMigrations } from '../support/migrations';
import { ProjectCopy, serverEnvironment, type Ended } from './project-copy';

const database = useDatabase();
const migrations = projectMigrations();
const names = migrations.map(({ name }) => name);
const [collectionsMigration = ''] = names;

let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());

const migrateMongo = (verb: string, env: Record<string, string> = {}): Promise<Ended> =>
  project.migrateMongo([verb], { ...serverEnvironment(database.name), ...env });
const changelog = () => database.db.collection('changelog').find().sort({ fileName: 1 }).toArray();
const productCollections = async () =>
  (await database.db.listCollections({}, { nameOnly: true }).toArray()).filter(({ name }) => !isOwnCollection(name));

async function expectApplied(applied: readonly string[]): Promise<void> {
  const changes = migrations.filter(({ name }) => applied.includes(name)).flatMap((migration) => migration.changes);
  expect(await liveSchema(database.db, migrations)).toEqual(fold(changes));
  expect((await changelog()).map(({ fileName }) => fileName as string)).toEqual(applied);
}

/** The rows of a status table: what stands in its second column, by file name. */
function statusRows(stdout: string): Record<string, string> {
  const rows = [...stdout.matchAll(/(\d{14}-[\w-]+\.ts)\W+([\w:.-]+)/g)];
  return Object.fromEntries(rows.map(([, name, state]) => [name ?? '', state ?? '']));
}

/** The tests of this block follow the life of one database: each begins where the one before it ended. */
describe("migrate-mongo's own command line", () => {
  it('shows every migration as pending on an empty server', async () => {
    const { exitCode, stdout } = await migrateMongo('status');
    expect(exitCode).toBe(0);
    expect(statusRows(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, 'PENDING'])));
  });

  it('goes up to the schema that the migrations fold to', async () => {
    const { exitCode, stdout, stderr } = await migrateMongo('up');
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
    const again = database.db.collection('changelog').insertOne({ fileName: collectionsMigration });
    await expect(again).rejects.toThrow(/E11000.*fileName_1/);
  });

  it('shows when each was applied', async () => {
    const dates = (await changelog()).map((row) => [
      row['fileName'] as string,
      (row['appliedAt'] as Date).toISOString(),
    ]);
    expect(statusRows((await migrateMongo('status')).stdout)).toEqual(Object.fromEntries(dates));
  });

  it('changes nothing when it goes up again', async () => {
    const before = await changelog();
    expect(await migrateMongo('up')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await changelog()).toEqual(before);
    await expectApplied(names);
  });

  it.each(names.slice(1).toReversed())('goes down by %s alone', async (name) => {
    const { exitCode, stdout, stderr } = await migrateMongo('down');
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `MIGRATED DOWN: ${name}\n`, stderr: '' });
    await expectApplied(names.slice(0, names.indexOf(name)));
  });

  it('drops no collection while documents are in one, and says how many', async () => {
    await database.db.collection<{ email: string }>('users').insertMany([{ email: 'a' }, { email: 'b' }]);
    const { exitCode, stdout, stderr } = await migrateMongo('down');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('The collection users holds 2 documents, which dropping it would lose.');
    expect(stderr).toContain('SCHEMA_ALLOW_DATA_LOSS=');
    await expectApplied([collectionsMigration]);
    expect(await database.db.collection('users').countDocuments()).toBe(2);
  });

  it('does not lose them for the name of another migration', async () => {
    const { exitCode } = await migrateMongo('down', { SCHEMA_ALLOW_DATA_LOSS: names.at(-1) ?? '' });
    expect(exitCode).toBe(1);
    expect(await database.db.collection('users').countDocuments()).toBe(2);
  });

  it('loses them when it is told so by the name of the migration, and leaves nothing', async () => {
    const { stdout } = await migrateMongo('down', { SCHEMA_ALLOW_DATA_LOSS: collectionsMigration });
    expect(stdout).toBe(`MIGRATED DOWN: ${collectionsMigration}\n`);
    expect(await productCollections()).toEqual([]);
    expect(await changelog()).toEqual([]);
  });

  it('goes up once more to the same schema', async () => {
    expect((await migrateMongo('up')).exitCode).toBe(0);
    await expectApplied(names);
  });
});
