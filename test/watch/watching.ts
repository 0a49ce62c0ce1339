import { mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import type { RoundReport } from '../../src/watch';
import { projectFolder } from '../support/project-folder';
import { startSchema, type RunningCommand } from '../support/running-command';
import { documentOf, runSchema, type Ended } from '../support/schema-command';
import { makeSmallProject, type SmallProject } from '../support/small-project';

const verbs = path.join(projectFolder, 'src', 'migration');

/** A migration that imports what it uses: a type check finds what is too much. `more` stands below the imports. */
export function textOf(steps: string, more = ''): string {
  const used = ['createCollections', 'createIndexes', 'irreversible', 'renameCollection', 'run'].filter((verb) =>
    steps.includes(`${verb}(`),
  );
  return `import { ${[...used, 'migration'].join(', ')} } from '${verbs}';\n${more}export default migration(__filename, ${steps});\n`;
}

/** A step that only runs what it is given: nothing makes it done, so that it is run. */
export const step = (body: string, undo = "'nothing to undo'") =>
  `run('a step', { isDone: () => Promise.resolve(${body === ''}), undo: ${undo}, run: async () => { ${body} } })`;

export const workName = '20260102000000-work.ts';

/** A project of two migrations; the second is worked on. */
export async function projectWith(work: string): Promise<SmallProject> {
  const project = await makeSmallProject();
  onTestFinished(() => project.remove());
  await project.write('migrations/20260101000000-users.ts', textOf("createCollections('users')"));
  await project.write(`migrations/${workName}`, textOf(work));
  return project;
}

export interface Watching extends RunningCommand {
  /** The next report that it prints. */
  next(): Promise<RoundReport>;
  /** How many it has printed. */
  printed(): number;
  save(steps: string, more?: string): Promise<void>;
  /** As many editors do: another file is written, and takes the name. */
  saveByRename(steps: string): Promise<void>;
  /** What of its server is still there: folders, and processes. */
  left(): Promise<string[]>;
}

/** A `schema watch --json` in a process of its own, with its temporary files in a folder of their own. */
export async function watching(project: SmallProject, args: readonly string[] = []): Promise<Watching> {
  const temporary = await realpath(await mkdtemp(path.join(tmpdir(), 'watching-')));
  onTestFinished(() => rm(temporary, { recursive: true, force: true }));
  const command = startSchema(project, { TMPDIR: temporary }, ['watch', '--json', ...args]);
  const lines = () => command.stdout().split('\n').slice(0, -1);
  const file = project.path('migrations', workName);
  let seen = 0;
  return {
    ...command,
    next: async () => {
      await expect.poll(() => lines().length, { timeout: 50_000, interval: 20 }).toBeGreaterThan(seen);
      return JSON.parse(lines()[seen++] ?? '') as RoundReport;
    },
    printed: () => lines().length,
    save: (steps, more) => writeFile(file, textOf(steps, more)),
    saveByRename: async (steps) => {
      await writeFile(`${file}.new`, textOf(steps));
      await rename(`${file}.new`, file);
    },
    left: async () => {
      const { stdout } = await execa('ps', ['-eo', 'args']);
      const processes = stdout.split('\n').filter((line) => line.includes(path.basename(temporary)));
      // What a mongod under Wine, and node, keep there is not of this tool.
      const folders = (await readdir(temporary)).filter((name) => name.startsWith('mongo'));
      return [...folders, ...processes];
    },
  };
}

/** One round in this process. */
export async function once(
  project: SmallProject,
  ...args: string[]
): Promise<Ended & { readonly report?: RoundReport }> {
  const { PATH = '', HOME = '' } = process.env;
  const ended = await runSchema(project, ['watch', '--once', ...args], { PATH, HOME });
  return { ...ended, ...(args.includes('--json') && { report: documentOf(ended) as unknown as RoundReport }) };
}
