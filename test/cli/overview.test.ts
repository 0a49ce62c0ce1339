import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { product } from '../../product';
import { run } from '../../src/cli/run';
import { deploy } from '../../src/deploy';
import { useDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { Collected, documentOf, runSchema, serverEnvironment } from '../support/schema-command';

const database = useDatabase();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'overview-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const overview = (...args: string[]) =>
  runSchema(fixture, ['overview', '--out', path.join(folder, 'backups'), ...args], serverEnvironment(database.name));
const archive = (taken: string) => path.join(folder, 'backups', `${database.name}_${taken}.tar.gz`);

describe('schema overview', () => {
  it('tells of an empty database that everything is pending, and ends 2', async () => {
    const { exitCode, stdout } = await overview();
    expect(exitCode).toBe(2);
    expect(stdout).toContain('no migration is applied');
    expect(stdout).toMatch(new RegExp(`pending +${fixture.names.length} migrations`));
    expect(stdout).toMatch(/backup +never; verified: never/);
  });

  it('tells the newest migration, what drifted, and how old the backups are', async () => {
    await deploy({ url: database.url, database: database.name, folder: fixture.folder });
    const clean = await overview('--json');
    expect(clean.exitCode).toBe(0);
    expect(documentOf(clean)).toMatchObject({
      head: fixture.names.at(-1),
      pending: 0,
      broken: 0,
      drift: 0,
      backup: {},
    });

    await database.db.createCollection('by_hand');
    await mkdir(path.join(folder, 'backups'));
    for (const taken of ['20260101_000000', '20260201_000000']) await writeFile(archive(taken), 'an archive');
    const note = { sha256: '', bytes: (await stat(archive('20260101_000000'))).size, verified_at: '', server: '' };
    await writeFile(`${archive('20260101_000000')}.verified.json`, JSON.stringify(note));
    const drifted = await overview('--json');
    expect(drifted.exitCode).toBe(2);
    expect(documentOf(drifted)).toMatchObject({
      drift: 1,
      backup: { taken: '2026-02-01T00:00:00.000Z', verified: '2026-01-01T00:00:00.000Z' },
    });
    expect((await overview()).stdout).toMatch(/drift +1 difference/);
  });

  it('tells the slowest queries where the profiler has written some down', async () => {
    expect((await overview()).stdout).not.toContain('slowest');
    await database.db.command({ profile: 2 });
    await database.db.collection('by_hand').find({ $where: 'sleep(20)' }).toArray();
    await database.db.collection('by_hand').insertOne({});
    await database.db.collection('by_hand').find({ $where: 'sleep(200)' }).toArray();
    await database.db.command({ profile: 0 });
    expect((await overview()).stdout).toMatch(
      /slowest +by_hand: find \{ \$where: \? \}, 2 times, \d+ ms in all: `queries` shows more/,
    );
    expect(documentOf(await overview('--json'))).toMatchObject({ slowest: { collection: 'by_hand', count: 2 } });
  });

  it('is what is shown without a verb, where a server is named', async () => {
    const [stdout, stderr] = [new Collected(), new Collected()];
    const env = { ...serverEnvironment(database.name), SCHEMA_MIGRATIONS: fixture.folder };
    await run([], { stdin: process.stdin, stdout, stderr }, env, product);
    expect(stdout.text).toMatch(/^server +mongod 7\.0/);
    const without = new Collected();
    expect(await run([], { stdin: process.stdin, stdout, stderr: without }, {}, product)).toBe(64);
    expect(without.text).toContain('Usage: schema');
  });
});
