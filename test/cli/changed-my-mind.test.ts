import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { useDatabase } from '../support/database';
import { makeRepository, type Git } from '../support/git-repository';
import { projectFolder } from '../support/project-folder';
import { documentOf, runSchema, serverEnvironment, type Ended } from '../support/schema-command';
import { indexOn, makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

const page = readFileSync(path.join(projectFolder, 'docs', 'changed-my-mind.md'), 'utf8');
const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

/** The commands of a section of the page, block by block. */
function blocksOf(title: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? expect.fail(`no ${title}`);
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block.trim().split('\n'));
}

const work = (field: string) => `createIndexes('users', [${indexOn(field)}])`;

interface Tried {
  readonly project: SmallProject;
  readonly name: string;
  readonly git: Git;
  /** Runs commands of the page; resolves to what the last one of the tool wrote. */
  readonly follow: (commands: readonly string[] | undefined) => Promise<Ended>;
  readonly edit: () => Promise<void>;
}

/** A project in a repository, whose second migration is applied; it is on the main branch only where it is merged. */
async function tried({ merged = false } = {}): Promise<Tried> {
  const project = await makeSmallProject({ users: "createCollections('users')" });
  onTestFinished(() => project.remove());
  const name = '20260102000000-work.ts';
  const write = () => project.write(`migrations/${name}`, migrationText(work('email')));
  if (merged) await write();
  const git = await makeRepository(project.path());
  await write();
  const schema = (args: readonly string[]) => runSchema(project, args, serverEnvironment(database.name));
  for (const verb of ['snapshot', 'deploy']) expect(await schema([verb])).toMatchObject({ exitCode: 0 });
  const follow = async (commands: readonly string[] = []) => {
    let ended: Ended = { exitCode: undefined, stdout: '', stderr: 'no command' };
    for (const command of commands) {
      const [program = '', ...args] = command.replace('NAME', name).split(' ');
      if (program === 'rm') await rm(project.path(args[0] ?? ''));
      else if (program === 'git') await git(...args);
      else ended = await schema(args.slice(1).filter((arg) => arg !== 'schema' && arg !== '--'));
    }
    return ended;
  };
  return { project, name, git, follow, edit: () => project.write(`migrations/${name}`, migrationText(work('name'))) };
}

const indexNames = async () => (await database.db.collection('users').indexes()).map(({ name }) => name).sort();

describe('docs/changed-my-mind.md', () => {
  it('tells how to go on with an edited migration that was tried', async () => {
    const { follow, edit } = await tried();
    const [redo, amend] = blocksOf('I tried it on my machine, and edited it since');
    await edit();
    expect((await follow(['npm run deploy'])).stderr).toContain('HISTORY');
    expect(await follow(redo)).toMatchObject({ exitCode: 0 });
    expect(await indexNames()).toEqual(['_id_', 'name_1']);
    expect(await follow(['npm run snapshot -- --check'])).toMatchObject({ exitCode: 2 });
    expect(await follow(amend)).toMatchObject({ exitCode: 0 });
    expect(await follow(['npm run snapshot -- --check'])).toMatchObject({ exitCode: 0 });
    expect(await follow(['npm run deploy'])).toMatchObject({ exitCode: 0 });
  });

  it('tells how to be rid of one that was tried', async () => {
    const { follow, project, name } = await tried();
    const [drop] = blocksOf('I tried it, and do not want it any more');
    expect(await follow(drop)).toMatchObject({ exitCode: 0 });
    expect(existsSync(project.path('migrations', name))).toBe(false);
    expect(await indexNames()).toEqual(['_id_']);
    for (const verb of ['snapshot -- --check', 'deploy', 'drift']) {
      expect(await follow([`npm run ${verb}`])).toMatchObject({ exitCode: 0 });
    }
  });

  it('tells how to be rid of one whose file is gone', async () => {
    const { follow, project, name } = await tried();
    const [, reset] = blocksOf('I tried it, and do not want it any more');
    await rm(project.path('migrations', name));
    expect((await follow(['npm run deploy'])).stderr).toContain('is missing');
    expect(await follow(reset)).toMatchObject({ exitCode: 0 });
    expect(await indexNames()).toEqual(['_id_']);
  });

  it('tells what to do with one that is merged', async () => {
    const { follow, edit, project, name } = await tried({ merged: true });
    const [restore = []] = blocksOf('It is merged');
    await edit();
    expect((await follow(['npm run schema -- redo'])).stderr).toContain('every migration is merged');
    const report = documentOf(await follow(restore.map((line) => (line.includes(' new ') ? `${line} --json` : line))));
    expect(await project.read('migrations', name)).toBe(migrationText(work('email')));
    expect(report['migrations']).toEqual([expect.stringMatching(/-correct-it\.ts$/)]);
  });

  it('tells how to take back one that is deployed', async () => {
    const { follow } = await tried({ merged: true });
    const [[look = '', back = ''] = []] = blocksOf('It is deployed');
    expect(await follow([look])).toMatchObject({ exitCode: 2 });
    expect(await indexNames()).toEqual(['_id_', 'email_1']);
    expect(await follow([back])).toMatchObject({ exitCode: 0 });
    expect(await indexNames()).toEqual(['_id_']);
  });
});
