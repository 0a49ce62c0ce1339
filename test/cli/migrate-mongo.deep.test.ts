import { describe, expect, it } from 'vitest';
import { fixture } from '../support/fixture';
import { runSchema, serverEnvironment } from '../support/schema-command';
import { goDown, useBareMigrateMongo } from './bare-migrate-mongo';

const migrateMongo = useBareMigrateMongo();
const { database, changelog } = migrateMongo;
const { names } = fixture;
const newest = names.at(-1) ?? '';
const goUp = async () => {
  expect((await migrateMongo.run('up')).exitCode).toBe(0);
  await migrateMongo.expectApplied(fixture.names);
};

/** Each test begins where the one before it ended. */
describe("migrate-mongo's own command line", () => {
  it('goes up', goUp);

  it.each(fixture.names.toReversed())('goes down by %s alone', (name) => goDown(migrateMongo, name));

  it('goes up once more to the same schema', goUp);
});

describe("migrate-mongo's own command line, with MONGODB_CHANGELOG", () => {
  it('keeps its rows there, as deploy does, and leaves a collection of the usual name alone', async () => {
    const env = { MONGODB_CHANGELOG: 'releases' };
    await database.db.dropDatabase();
    await database.db.collection('changelog').insertOne({ title: 'news' });
    expect(await migrateMongo.run('up', env)).toMatchObject({ exitCode: 0, stderr: '' });
    const rows = await database.db.collection('releases').find().sort({ fileName: 1 }).toArray();
    expect(rows.map(({ fileName }) => fileName as string)).toEqual(names);
    const { exitCode } = await runSchema(fixture, ['status'], { ...serverEnvironment(database.name), ...env });
    expect(exitCode).toBe(0);
    expect(await migrateMongo.run('down', env)).toMatchObject({ exitCode: 0, stdout: `MIGRATED DOWN: ${newest}\n` });
    expect(await database.db.collection('releases').countDocuments()).toBe(names.length - 1);
    expect(await changelog()).toMatchObject([{ title: 'news' }]);
    expect(await database.db.listCollections({ name: /_lock$/ }, { nameOnly: true }).toArray()).toMatchObject([
      { name: 'schema_lock' },
    ]);
  });
});
