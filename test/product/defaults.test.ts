import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deploy, status } from '../../src/deploy';
import { checkHealth } from '../../src';
import { comparePoints, drift, plan } from '../../src/review';
import { fold } from '../../src/schema';
import { runCommandLine } from '../cli/command-line';
import { ProjectCopy } from '../cli/project-copy';
import { useDatabase } from '../support/database';
import { liveSchema } from '../support/migrations';
import { productMigrations } from '../support/product';
import { documentOf, serverEnvironment } from '../support/schema-command';

const database = useDatabase();
const migrations = productMigrations();
const names = migrations.map(({ name }) => name);
const newest = names.at(-1);
beforeEach(() => database.db.dropDatabase());

describe("The product's migrations, when no others are named", () => {
  it('are those that the library works on', async () => {
    const target = { url: database.url, database: database.name };
    expect((await plan(target)).pending.map(({ name }) => name)).toEqual(names);
    expect(await checkHealth(database.db)).toMatchObject({ pending_migrations: names.length });
    expect((await deploy(target)).applied.map(({ name }) => name)).toEqual(names);
    expect((await status(target)).migrations.map(({ name }) => name)).toEqual(names);
    expect(await checkHealth(database.db)).toMatchObject({ healthy: true, pending_migrations: 0 });
    expect(await drift(target)).toEqual({ head: newest, findings: [], drift: 0, notices: 0 });
    expect(await comparePoints('head', 'live', { target })).toMatchObject({ from: { point: newest }, changes: [] });
  });

  it('are those that the command line works on', async () => {
    const ended = await runCommandLine(['deploy', '--dry-run', '--json'], serverEnvironment(database.name));
    expect(documentOf(ended)).toMatchObject({ pending: names });
  });

  describe('from a checkout', () => {
    let checkout: ProjectCopy;
    beforeAll(async () => {
      checkout = await ProjectCopy.make();
    });
    afterAll(() => checkout.remove());

    it('are those that a bare `npx migrate-mongo up` applies', async () => {
      const { exitCode, stdout, stderr } = await checkout.migrateMongo(['up'], serverEnvironment(database.name));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout.trim().split('\n')).toEqual(names.map((name) => `MIGRATED UP: ${name}`));
      expect(await liveSchema(database.db, migrations)).toEqual(fold(migrations.flatMap(({ changes }) => changes)));
    });
  });
});
