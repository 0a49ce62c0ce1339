import { beforeEach, describe, expect, inject, it } from 'vitest';
import { fold, summarize } from '../../src/schema';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { liveSchema } from '../support/migrations';
import { runSchema, serverEnvironment } from '../support/schema-command';

const database = useDatabase();
const { migrations, names } = fixture;
const whole = fold(migrations.flatMap(({ changes }) => changes));

beforeEach(() => database.db.dropDatabase());

const deploy = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runSchema(fixture, ['deploy', ...args], { ...serverEnvironment(database.name), ...env });
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

  it('says that options in the URL which would make it less durable are not used', async () => {
    const { url } = inject('mongodb');
    const separator = url.includes('?') ? '&' : '/?';
    const { exitCode, stderr } = await deploy([], { MONGODB_URL: `${url}${separator}w=1&readConcernLevel=local` });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('notice: w, readConcernLevel in MONGODB_URL is ignored');
  });

  it('ends 1 when something else stands in the way, and names the migration, the place and the fix', async () => {
    await database.db.createCollection('users', { capped: true, size: 4096 });
    const { exitCode, stdout, stderr } = await deploy(['--adopt', '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CONFLICT', left: names } });
    expect(stderr).toContain(
      `✖ Cannot apply ${names[0] ?? ''} (CONFLICT)\n  why    The database differs from what the migration expects`,
    );
    expect(stderr).toContain('collection users is not as expected');
    expect(stderr).toMatch(/found: +\{"capped":true,"size":4096\}\n +expected: nothing, or \{\}\n {2}fix {4}/);
    expect(await recorded()).toEqual([]);
  });
});
