import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { deploy } from '../../../src/deploy';
import { useDatabase } from '../../support/database';
import { makeRepository, type Git } from '../../support/git-repository';
import { runSchema, serverEnvironment } from '../../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../../support/small-project';

const added = '20260103000000-tags.ts';
const addedText = migrationText(
  "createCollections('tags'), createIndexes('tags', [{ name: 'name_1', key: { name: 1 }, serves: 'a tag by its name' }])",
);
const secret = 'topsecret';

const database = useDatabase();
let project: SmallProject;
let git: Git;
const schema = (args: readonly string[], env: Record<string, string> = {}) => runSchema(project, args, env);
const report = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  schema(['report', '--base', 'main', ...args], env);

/** The tests of this file follow the life of one branch. */
beforeAll(async () => {
  project = await makeSmallProject({
    users: "createCollections('users')",
    // schema.json sorts the names in a row: written in another order, it is the same row.
    projects:
      "createCollections('projects'), insertDocuments('projects', [{ _id: 'first', owner: { name: 'A', age: 1 } }])",
  });
  await schema(['snapshot']);
  git = await makeRepository(project.path());
  await git('checkout', '--quiet', '-b', 'tags');
});
afterAll(() => project.remove());

describe('report', () => {
  it('says that there is nothing to tell of a branch that changes nothing', async () => {
    const { exitCode, stdout, stderr } = await report();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^<!-- schema-report: nothing to tell -->\n## Schema report\n/);
  });

  it('tells what a branch adds, against where it left the base', async () => {
    await project.write(`migrations/${added}`, addedText);
    await schema(['snapshot']);
    await git('add', 'migrations', 'schema');
    await git('commit', '--quiet', '--message', 'Tags');
    // What the base gets meanwhile is no affair of the branch.
    await git('checkout', '--quiet', 'main');
    await project.write('migrations/20260102120000-other.ts', addedText.replaceAll('tags', 'others'));
    await git('add', 'migrations');
    await git('commit', '--quiet', '--message', 'Meanwhile');
    await git('checkout', '--quiet', 'tags');

    const { exitCode, stdout } = await report();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^1 new migration · 2 changes of the schema · .* against `main` \(`[0-9a-f]{12}`\)$/m);
    expect(stdout).toContain(`**\`${added}\`** (2 changes)`);
    expect(stdout).toContain('| `+` | collection tags | a new collection |');
    expect(stdout).toContain(
      '| `+` | index tags.name_1 | `{ name: 1 }`<br>serves: a tag by its name | nothing waits | dropped |',
    );
    expect(stdout).toContain('These are the only changes in `schema/schema.json`.');
    expect(stdout).toContain('\n### Lint\n');
    expect(stdout).not.toMatch(/Removed|Altered|Out of date|20260102120000/);
    expect((await report()).stdout).toBe(stdout);
  });

  it('writes a file, and one JSON document', async () => {
    const file = project.path('report.md');
    const { exitCode, stdout, stderr } = await report(['--out', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(/^wrote .*report\.md, \d+ characters\n$/);
    const text = await project.read('report.md');
    const json = JSON.parse((await report(['--json'])).stdout) as { markdown: string; added: { name: string }[] };
    expect(json.markdown).toBe(text);
    expect(json.added.map(({ name }) => name)).toEqual([added]);
  });

  it('links to the web, and refuses what is no address there', async () => {
    const { stdout } = await report(['--links', 'https://host/o/r/blob/1/migrations/']);
    expect(stdout).toContain(`**[\`${added}\`](https://host/o/r/blob/1/migrations/${added})**`);
    for (const links of ['migrations', 'javascript:alert(1)', 'https://']) {
      const { exitCode, stderr } = await report(['--links', links]);
      expect(exitCode).toBe(64);
      expect(stderr).toContain('Give a web address');
    }
  });

  it('opens as a page that nobody else can read, and that loads nothing from the web', async () => {
    const browser = project.path('browser');
    const opened = project.path('opened');
    await writeFile(browser, `#!/bin/sh\necho "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`, {
      mode: 0o755,
    });
    // Linux asks BROWSER; macOS runs `open`.
    await copyFile(browser, project.path('open'));
    vi.stubEnv('BROWSER', browser);
    vi.stubEnv('PATH', `${project.path()}:${process.env['PATH'] ?? ''}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { exitCode, stdout, stderr } = await report(['--open']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    await expect.poll(() => existsSync(opened), { timeout: 30_000 }).toBe(true);
    const file = fileURLToPath((await project.read('opened')).trim());
    onTestFinished(() => rm(path.dirname(file), { recursive: true }));
    expect(stderr).toContain(`wrote ${file}; if no browser opens, open this file`);
    expect([(await stat(file)).mode, (await stat(path.dirname(file))).mode].map((mode) => mode & 0o77)).toEqual([0, 0]);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('<h2>Schema report</h2>');
    expect(page).toContain(`<a href="${pathToFileURL(project.path('migrations', added)).href}#L`);
    expect(page).toContain('<code class="language-mermaid">flowchart LR');
    expect(page).toContain('mermaid.tiny.js');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('tells of a server that does not answer, and not its password', async () => {
    const url = `mongodb://somebody:${secret}@127.0.0.1:1/?serverSelectionTimeoutMS=300`;
    const { exitCode, stdout, stderr } = await report([], { MONGODB_URL: url });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('### On a real server');
    expect(stdout + stderr).not.toMatch(new RegExp(`${secret}|somebody`));
  });

  it('tells what is pending on a server, what its data makes of it, and no value of a document', async () => {
    const { db, name, url } = database;
    await deploy({ url, database: name, folder: project.folder, to: 'projects' });
    await db.createCollection('tags');
    await db.collection('tags').insertMany([{ name: 'private' }, { name: 'private' }]);
    const before = await db.command({ dbHash: 1 });
    const { exitCode, stdout } = await report([], serverEnvironment(name));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Pending on mongod \S+, database test_\w+; nothing was written:$/m);
    expect(stdout).toContain(`| \`${added}\` | already | create collection tags |`);
    expect(stdout).toContain(`| \`${added}\` | pending | create index tags.name_1 | the build scans 2 documents |`);
    expect(stdout).not.toContain('private');
    expect((await db.command({ dbHash: 1 }))['md5']).toBe(before['md5']);
  });

  it('warns of what was merged and is altered here', async () => {
    const [name = ''] = project.names;
    await project.write(`migrations/${name}`, (await project.read('migrations', name)) + '// More.\n');
    const { stdout } = await report();
    expect(stdout).toContain(`> - **Altered:** \`${name}\` is already in \`main\``);
    await git('checkout', '--quiet', '--', 'migrations');
  });

  it('ends 64 for a base that git does not know', async () => {
    const { exitCode, stdout, stderr } = await schema(['report', '--base', 'nowhere']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain('git cannot find the commit "nowhere"');
    expect(await schema(['report'])).toMatchObject({ exitCode: 64 });
    expect(await schema(['report', '--base', '--output=x'])).toMatchObject({ exitCode: 64 });
  });
});
