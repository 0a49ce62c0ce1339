import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa, type Options } from 'execa';
import { beforeAll, onTestFinished } from 'vitest';
import { projectFolder } from '../support/project-folder';

/** The folder of the package. */
export const packageFolder = path.join(projectFolder, 'python');

let found: Promise<string> | undefined;

/**
 * The python that the package is tested with; its environment is made where it is not there yet.
 * @throws Error when there is no Python of version 3.11: what is not tested must not look tested
 */
export function findPython(): Promise<string> {
  return (found ??= install());
}

async function install(): Promise<string> {
  const script = path.join(projectFolder, 'scripts', 'install_python.sh');
  const { exitCode, stdout, stderr } = await execa(script, { reject: false });
  if (exitCode !== 0) throw new Error(`THE PYTHON PACKAGE CANNOT BE TESTED\n${stderr}`);
  return stdout;
}

/** Before the tests of a file: the environment may have to be made, which takes longer than a test may. */
export function usePython(): void {
  beforeAll(findPython, 600_000);
}

/** Runs Python with the package on its path. */
export async function runPython(args: readonly string[], { env, ...options }: Options = {}, sources = packageSources) {
  const { PATH = '', HOME = '' } = process.env;
  return execa(await findPython(), args, {
    cwd: packageFolder,
    env: { PATH, HOME, PYTHONPATH: sources, PYTHONDONTWRITEBYTECODE: '1', ...env },
    extendEnv: false,
    ...options,
  });
}

const packageSources = path.join(packageFolder, 'src');

/** A change of a file of the package: a text in it, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** A copy of the package's sources with changes, for the time of a test. Returns the folder for the path of Python. */
export async function editedSources(...edits: readonly Edit[]): Promise<string> {
  const folder = await temporaryFolder();
  await cp(packageSources, folder, { recursive: true });
  for (const { file, from, to } of edits) {
    const at = path.join(folder, 'sentimatrix_schema', file);
    const text = await readFile(at, 'utf8');
    const edited = text.replaceAll(typeof from === 'string' ? from : new RegExp(from, `${from.flags}g`), () => to);
    if (edited === text) throw new Error(`${file} has no ${String(from)}: the test edits nothing`);
    await writeFile(at, edited);
  }
  return folder;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'python-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
