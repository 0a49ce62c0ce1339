import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stageTool } from '../../../packages/stage';
import { pack } from '../../../packages/tarball';
import { verbsOfProgram } from '../../cli/command-line';
import { useDatabase } from '../../support/database';
import { freePort } from '../../support/free-port';
import { productMigrations } from '../../support/product';
import { documentOf, serverEnvironment } from '../../support/schema-command';
import { emptyFolder, Installed, pinned, removeFolders } from './packed';

const database = useDatabase();
const env = () => serverEnvironment(database.name);
const names = productMigrations().map(({ name }) => name);
let project: Installed;
beforeAll(async () => {
  const work = await emptyFolder();
  const [folder, tarballs] = [path.join(work, 'tool'), path.join(work, 'tarballs')];
  for (const one of [folder, tarballs]) await mkdir(one);
  const { filename } = await pack(await stageTool(folder, { typesAreChecked: true }), tarballs);
  project = await Installed.make([path.join(tarballs, filename), pinned('@types/node')], 'module');
}, 600_000);
afterAll(removeFolders);

const program = () => path.join(project.folder, 'node_modules', '.bin', 'schema');
const schema = (...args: readonly string[]) => project.run(program(), args, env());

/** In this order: what a person does with a database, from an empty one to none. */
const working: readonly (readonly [line: string, exitCode: number, says: string])[] = [
  ['help', 0, 'Usage: schema'],
  ['plan', 2, names.at(-1) ?? ''],
  ['deploy', 0, `applied  ${names.at(-1) ?? ''}`],
  ['status', 0, names[0] ?? ''],
  ['drift', 0, 'No drift'],
  ['export --format typescript', 0, 'export interface'],
  ['explain', 0, ''],
  ['indexes', 0, ''],
  ['queries', 0, ''],
  ['overview', 0, names.at(-1) ?? ''],
  ['census', 0, 'match the declarations'],
  ['diff live head --exit-code', 0, ''],
  ['history', 0, 'finished'],
  ['health --once', 0, 'connected'],
  ['unlock', 0, 'Nobody holds the lease.'],
  ['baseline', 64, 'there is nothing to adopt'],
  ['accept --migration ttls --reason why', 64, 'ttls'],
  ['lint', 0, 'SM0'],
  ['lint --explain SM001', 0, 'The safe way'],
  ['seed --users 1 --projects 1 --results 3', 0, 'results'],
  ['seed --clear', 0, 'results'],
  ['doctor', 0, 'ok       migrations'],
  ['rollback --steps 1 --yes', 0, '1 migration rolled back'],
];

/** What works on the sources of migrations, and what to type for it in a checkout. */
const ofCheckout: readonly (readonly [line: string, inCheckout: string])[] = [
  ['new add-notes', 'new NAME'],
  ['watch', 'watch NAME'],
  ['redo', 'redo'],
  ['snapshot', 'snapshot'],
  ['snapshot --check', 'snapshot --check'],
  ['report --base main', 'report --base REF'],
  ['lint --base main', 'lint --base REF'],
];

const ownTests = ['backup', 'verify-backup', 'restore', 'reset', 'db'];

describe('The tool, installed in an empty project,', () => {
  it('has no verb that is not tried here', () => {
    const tried = [...working, ...ofCheckout].map(([line]) => line.split(' ')[0] ?? '');
    expect([...new Set([...tried, ...ownTests])].sort()).toEqual(
      verbsOfProgram()
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('shows commands as they are typed there', async () => {
    const helps = await Promise.all(['deploy', 'diff', 'db', 'health', 'lint'].map((verb) => schema(verb, '--help')));
    for (const { stdout } of helps) {
      expect(stdout).toMatch(/\nExamples?:\n {2}\$ schema \w/);
      expect(stdout).not.toContain('npm run');
    }
  });

  it.each(working)('does `schema %s`', async (line, exitCode, says) => {
    const ended = await schema(...line.split(' '));
    expect(ended.stdout + ended.stderr).toContain(says);
    expect(ended.exitCode, ended.stderr).toBe(exitCode);
  });

  it.each(ofCheckout)(
    'says of `schema %s` that it needs a checkout, and what to type there',
    async (line, inCheckout) => {
      const { exitCode, stdout, stderr } = await schema(...line.split(' '));
      expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
      expect(stderr).toMatch(/^✖ The compiled program .* \(USAGE\)\n {2}why .*\n {2}fix .*\n {2}where .*migrations\n/);
      expect(stderr).toContain(`in a checkout: \`npm run schema -- ${inCheckout}\``);
    },
  );

  it('takes a backup, tries it and restores it, and resets a database', async () => {
    const { file } = documentOf(await schema('backup', '--out', 'backups', '--json')) as { file: string };
    expect((await schema('verify-backup', file)).exitCode).toBe(0);
    await database.db
      .collection('users')
      .insertOne({ email: 'ada@example.com', password_hash: 'x', created_at: new Date() });
    const restored = await schema('restore', file, '--drop', '--yes', '--database', database.name);
    expect(restored.exitCode, restored.stderr).toBe(0);
    expect(await database.db.collection('users').countDocuments()).toBe(0);
    const reset = await schema('reset', '--database', database.name);
    expect(reset.exitCode, reset.stderr).toBe(0);
    expect(await database.db.listCollections().toArray()).toEqual([]);
  });

  it('keeps a mongod running, with its data where it was started and not in the package', async () => {
    const port = await freePort();
    const { PATH = '', HOME = '' } = process.env;
    const child = execa(program(), ['db', '--port', String(port)], {
      cwd: project.folder,
      env: { PATH, HOME },
      extendEnv: false,
      reject: false,
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await child;
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 120_000, interval: 100 }).toContain('Press Ctrl-C to stop.');
    const url = /MONGODB_URL='(.*)'/.exec(said)?.[1] ?? '';
    expect((await project.run(program(), ['plan'], { MONGODB_URL: url })).exitCode).toBe(2);
    expect(existsSync(path.join(project.folder, '.mongodb'))).toBe(true);
    child.kill('SIGTERM');
    expect((await child).exitCode).toBe(0);
  });

  it('serves /metrics there', async () => {
    const port = await freePort();
    const { PATH = '', HOME = '' } = process.env;
    const child = execa(program(), ['health', '--port', String(port)], {
      cwd: project.folder,
      env: { PATH, HOME, ...env() },
      extendEnv: false,
      reject: false,
    });
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await child;
    });
    const scraped = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect.poll(() => scraped().catch(() => ''), { timeout: 60_000, interval: 200 }).toContain('\nschema_up 1\n');
    expect(await scraped()).not.toMatch(/schema_scrape_error\{.*\} 1/);
  });

  it('has functions for programs, with types that compile without skipLibCheck', async () => {
    const text = `
      import { connect, deploy, status, type DeployReport, type Health } from 'sentimatrix-schema-tool';
      const target = { url: process.env['MONGODB_URL'] ?? '', database: process.env['MONGODB_DATABASE'] ?? '' };
      export async function run(): Promise<void> {
        const { applied }: DeployReport = await deploy(target);
        const { pending } = await status(target);
        console.log(JSON.stringify({ applied: applied.length, pending, connect: typeof connect }));
      }
      export type Status = Health['status'];
    `;
    await project.write('esm.mts', `${text}\nawait run();\n`);
    await project.write('commonjs.cts', `${text}\nvoid run();\n`);
    expect(await project.compile()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await database.db.dropDatabase();
    const outputs = [];
    for (const file of ['esm.mjs', 'commonjs.cjs']) outputs.push(documentOf(await project.run('node', [file], env())));
    const rest = { pending: 0, connect: 'function' };
    expect(outputs).toEqual([
      { applied: names.length, ...rest },
      { applied: 0, ...rest },
    ]);
  });
});
