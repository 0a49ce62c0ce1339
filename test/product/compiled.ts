import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../support/project-folder';
import { type Ended } from '../support/schema-command';

/** The project as it is shipped: compiled code and what it depends on in production, in a temporary folder. */
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
  await build(at('dist'));
  await copyFile(path.join(projectFolder, 'package.json'), at('package.json'));
  await linkPackages(at('node_modules'));
  return { folder, run, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** As `npm run build` does it, but into another folder, and without the check of types, which `npm run check` does. */
async function build(outDir: string): Promise<void> {
  await execa('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', outDir], {
    cwd: projectFolder,
  });
  const migrations = path.join(outDir, 'migrations');
  const declarations = (await readdir(migrations)).filter((name) => name.endsWith('.d.ts'));
  await Promise.all(declarations.map((name) => rm(path.join(migrations, name))));
  await copyFile(path.join(projectFolder, 'migrations', 'frozen.json'), path.join(migrations, 'frozen.json'));
}

/** Links the packages that compiled code needs, and no other: what they need in their turn, they find where they are. */
async function linkPackages(to: string): Promise<void> {
  const { dependencies } = createRequire(__filename)(path.join(projectFolder, 'package.json')) as {
    dependencies: Record<string, string>;
  };
  await mkdir(to);
  const wanted = Object.keys(dependencies).filter((name) => !unused.includes(name));
  for (const name of wanted) {
    const link = path.join(to, name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(projectFolder, 'node_modules', name), link);
  }
}
