import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { fold, summarize } from '../../src/schema';
import { useDatabase } from '../support/database';
import { liveSchema, projectMigrations } from '../support/migrations';
import { ProjectCopy, serverEnvironment } from './project-copy';

const database = useDatabase();
const migrations = projectMigrations();
const names = migrations.map(({ name }) => name);
const whole = fold(migrations.flatMap(({ changes }) => changes));

let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => project.remove());
beforeEach(() => database.db.dropDatabase());

const deploy = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  project.schema(['deploy', ...args], { ...serverEnvironment(database.name), ...env });
const recorded = async () =>
  (await database.db.collection('changelog').find().sort({ fileName: 1 }).toArray()).map(
    (row) => row['fileName'] as string,
  );

interface Report {
  readonly server: object;
  readonly applied: readonly {
    readonly name: string;
    readonly milliseconds: number;
    readonly changes: readonly object[];
  }[];
  readonly schema: object;
}

describe('deploy', () => {
  it('applies what is pending, says so line by line, and sums up; then nothing is pending', async () => {
    const first = await deploy();
    expect(first.exitCode).toBe(0);
    const lines = first.stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('applied'))).toEqual(
      names.map(
        (name) => expect.stringMatching(new RegExp(`^applied +${name} +\\d+ changes? +[\\d.]+ m?s$`)) as string,
      ),
    );
    expect(first.stdout).toContain(`${names.length} migrations applied.`);
    const { collections, indexes, ttls, validators, documents } = summarize(whole);
    for (const [what, count] of Object.entries({ collections, indexes, ttls, validators, ...documents })) {
      expect(first.stdout).toMatch(new RegExp(`^${what} +${count}$`, 'm'));
    }
    expect(first.stderr).toContain(`mongod ${inject('mongodb').version}, MONGODB_URL, database ${database.name}`);
    expect(await liveSchema(database.db, migrations)).toEqual(whole);
    expect(await recorded()).toEqual(names);

    const second = await deploy();
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toContain('Nothing is pending.');
    expect(second.stdout).not.toContain('applied  ');
    expect(await recorded()).toEqual(names);
  });

  it('prints one JSON document with --json, and nothing else on stdout', async () => {
    for (const applied of [names, []]) {
      const { exitCode, stdout } = await deploy(['--json']);
      expect(exitCode).toBe(0);
      const report = JSON.parse(stdout) as Report;
      expect(report.server).toMatchObject({
        how: 'MONGODB_URL',
        version: inject('mongodb').version,
        database: database.name,
      });
      expect(report.applied.map(({ name }) => name)).toEqual(applied);
      expect(report.schema).toEqual(summarize(whole));
    }
  });

  it('goes on after what migrate-mongo has recorded', async () => {
    await project.migrateMongo(['up'], serverEnvironment(database.name));
    await project.migrateMongo(['down'], serverEnvironment(database.name));
    const { stdout } = await deploy();
    expect(stdout).toContain('1 migration applied.');
    expect(stdout).toContain(`applied  ${names.at(-1) ?? ''}`);
    expect((await project.migrateMongo(['up'], serverEnvironment(database.name))).stdout).toBe('');
  });

  it('says that options in the URL which would make it less durable are not used', async () => {
    const { url } = inject('mongodb');
    const separator = url.includes('?') ? '&' : '/?';
    const { exitCode, stderr } = await deploy([], { MONGODB_URL: `${url}${separator}w=1&readConcernLevel=local` });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('notice: w, readConcernLevel in MONGODB_URL is not used');
  });

  it('ends 1 when something else stands in the way, and names the migration, the place and the way out', async () => {
    await database.db.createCollection('users', { capped: true, size: 4096 });
    const { exitCode, stdout, stderr } = await deploy(['--adopt', '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CONFLICT', left: names } });
    expect(stderr).toMatch(
      new RegExp(`^error .*${names[0] ?? ''}[.:] The database is not as this migration expects`, 'm'),
    );
    expect(stderr).toContain('collection users: something else is in its place.');
    expect(stderr).toMatch(/there: +\{"capped":true,"size":4096\}\n +expected: nothing, or \{\}\n +way out: /);
    expect(await recorded()).toEqual([]);
  });
});
