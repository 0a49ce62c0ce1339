import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../../src/deploy';
import { ProjectCopy, serverEnvironment } from '../../commands/project-copy';
import { useDatabase } from '../../support/database';

const added = '20991231000000-tags.ts';
const migrationText = `import { createCollections, createIndexes, migration } from '../src/migration';

/** People tag their projects. */
export default migration(
  __filename,
  createCollections('tags'),
  createIndexes('tags', [{ name: 'name_1', key: { name: 1 }, serves: 'a tag by its name' }]),
);
`;
const secret = 'topsecret';

const database = useDatabase();
let project: ProjectCopy;
const report = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  project.schema(['report', '--base', 'main', ...args], env);

async function git(...args: string[]): Promise<void> {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const { exitCode, stderr } = await project.run('git', [...identity, ...args]);
  if (exitCode !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  project = await ProjectCopy.make();
  await git('init', '-q', '-b', 'main');
  await git('add', 'migrations', 'schema', 'package.json');
  await git('commit', '-q', '-m', 'What was merged');
  await git('checkout', '-q', '-b', 'tags');
});
afterAll(() => project.remove());

describe('report', () => {
  it('says that there is nothing to tell of a branch that changes nothing', async () => {
    const { exitCode, stdout, stderr } = await report();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^<!-- schema-report: nothing to tell -->\n## Schema report\n/);
  });

  it('tells what a branch adds, against where it left the base', async () => {
    await project.write(`migrations/${added}`, migrationText);
    await project.schema(['snapshot']);
    await git('add', 'migrations', 'schema');
    await git('commit', '-q', '-m', 'Tags');
    // What the base gets meanwhile is no affair of the branch.
    await git('checkout', '-q', 'main');
    await project.write('migrations/20991230000000-other.ts', migrationText.replaceAll('tags', 'others'));
    await git('add', 'migrations');
    await git('commit', '-q', '-m', 'Meanwhile');
    await git('checkout', '-q', 'tags');

    const { exitCode, stdout } = await report();
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^1 new migration · 2 changes of the schema · .* against `main` \(`[0-9a-f]{12}`\)$/m);
    expect(stdout).toContain(`**\`${added}\`** (2 changes)`);
    expect(stdout).toContain('| `+` | collection tags | a new collection |');
    expect(stdout).toContain('| `+` | index tags.name_1 | `{ name: 1 }` |');
    expect(stdout).toContain('The difference in `schema/schema.json` is this, and nothing else.');
    expect(stdout).toContain('\n### Lint\n');
    expect(stdout).not.toMatch(/Removed|Altered|Stale|20991230000000/);
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

  it('tells of a server that does not answer, and not its password', async () => {
    const url = `mongodb://somebody:${secret}@127.0.0.1:1/?serverSelectionTimeoutMS=50`;
    const { exitCode, stdout, stderr } = await report([], { MONGODB_URL: url });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('### On a real server');
    expect(stdout + stderr).not.toMatch(new RegExp(`${secret}|somebody`));
  });

  it('tells what is pending on a server, what its data makes of it, and no value of a document', async () => {
    const { db, name, url } = database;
    await deploy({ url, database: name });
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
    const name = '20261123100000-collections.ts';
    await project.write(`migrations/${name}`, (await project.read('migrations', name)) + '// More.\n');
    const { stdout } = await report();
    expect(stdout).toContain(`> - **Altered:** \`${name}\` is in \`main\` already`);
    await git('checkout', '-q', '--', 'migrations');
  });

  it('ends 64 for a base that git does not know', async () => {
    const { exitCode, stdout, stderr } = await project.schema(['report', '--base', 'nowhere']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' });
    expect(stderr).toContain('git knows no commit "nowhere"');
    expect(await project.schema(['report'])).toMatchObject({ exitCode: 64 });
    expect(await project.schema(['report', '--base', '--output=x'])).toMatchObject({ exitCode: 64 });
  });
});
