import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { stageTool } from '../../packages/stage';
import { projectFolder } from '../support/project-folder';
import { type Ended } from '../support/schema-command';

/** The package of the tool, and links to what it depends on in production, in a temporary folder. */
export interface Compiled {
  readonly folder: string;
  run(file: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): Promise<void>;
}

/** What a program has no use for that runs compiled code on a server that exists. */
const unused = ['mongodb-memory-server-core', 'migrate-mongo'];

export async function compile(): Promise<Compiled> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'compiled-')));
  const at = (...names: string[]) => path.join(folder, ...names);
  const run: Compiled['run'] = async (file, args = [], env = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    const { exitCode, stdout, stderr } = await execa(file, args, {
      cwd: folder,
      env: { PATH, HOME, ...env },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
    });
    return { exitCode, stdout, stderr };
  };
  const { manifest } = await stageTool(folder, { typesAreChecked: true });
  const dependencies = Object.keys(manifest['dependencies'] as object);
  await linkPackages(
    at('node_modules'),
    dependencies.filter((name) => !unused.includes(name)),
  );
  return { folder, run, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Links the packages that compiled code needs, and no other: what they need in their turn, they find where they are. */
export async function linkPackages(to: string, names: readonly string[]): Promise<void> {
  await mkdir(to);
  for (const name of names) {
    const link = path.join(to, name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(projectFolder, 'node_modules', name), link);
  }
}
