import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../../support/project-folder';
import type { Ended, Environment } from '../../support/schema-command';

/** What `npm run pack` of a clone made. */
export interface PackedClone {
  readonly clone: string;
  /** The tarball of a package, by the package's name. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** sha256 of each, by its file name. */
  readonly sums: Readonly<Record<string, string>>;
}

const folders: string[] = [];

export async function emptyFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'packages-test-')));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

/** Packs what is committed: from a clone, in which nothing lies about. It has the packages that are installed here. */
export async function packClone(): Promise<PackedClone> {
  const clone = path.join(await emptyFolder(), 'clone');
  await execa('git', ['clone', '--quiet', projectFolder, clone]);
  await symlink(path.join(projectFolder, 'node_modules'), path.join(clone, 'node_modules'));
  await execa('npm', ['run', '--silent', 'pack'], { cwd: clone });
  const { stdout: left } = await execa('git', ['status', '--porcelain', '--', ':!node_modules'], { cwd: clone });
  if (left !== '') throw new Error(`packing leaves files in the checkout:\n${left}`);
  const packed = path.join(clone, 'packed');
  const sums = await sumsOf(clone);
  const names = Object.keys(sums);
  const withoutVersion = (name: string) => name.replace(/-\d.*$/, '');
  return {
    clone,
    tarballs: Object.fromEntries(names.map((name) => [withoutVersion(name), path.join(packed, name)])),
    sums,
  };
}

/** sha256 of each tarball that a checkout has packed, by its file name. */
export async function sumsOf(checkout: string): Promise<Readonly<Record<string, string>>> {
  const packed = path.join(checkout, 'packed');
  const sums = (await readdir(packed)).sort().map(async (name): Promise<[string, string]> => {
    const bytes = await readFile(path.join(packed, name));
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(sums));
}

/** A project of somebody who installs a package. */
export class Installed {
  private constructor(readonly folder: string) {}

  static async make(packages: readonly string[], type: 'module' | 'commonjs'): Promise<Installed> {
    const project = new Installed(await emptyFolder());
    await project.write('package.json', JSON.stringify({ private: true, type }));
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...packages];
    const { exitCode, stderr } = await project.run('npm', args);
    if (exitCode !== 0) throw new Error(`npm cannot install ${packages.join(', ')}:\n${stderr}`);
    return project;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, name), text);
  }

  /** The folders in node_modules. */
  async packages(): Promise<string[]> {
    return (await readdir(path.join(this.folder, 'node_modules'))).filter((name) => !name.startsWith('.')).sort();
  }

  async run(file: string, args: readonly string[] = [], env: Environment = {}): Promise<Ended> {
    const { PATH = '', HOME = '' } = process.env;
    const { exitCode, stdout, stderr } = await execa(file, args, {
      cwd: this.folder,
      env: { PATH, HOME, ...env },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
    });
    return { exitCode, stdout, stderr };
  }

  /** Compiles all that lies in the project, the declarations of what it imports included, beside the sources. */
  async compile(): Promise<Ended> {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      module: 'NodeNext',
      target: 'ES2023',
      types: ['node'],
    };
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions }));
    return this.run(path.join(projectFolder, 'node_modules', '.bin', 'tsc'), ['-p', '.']);
  }
}

/** A package at the version that this checkout has: `zod@4.6.7`. */
export function pinned(name: string): string {
  const { dependencies, devDependencies } = createRequire(__filename)(
    path.join(projectFolder, 'package.json'),
  ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  return `${name}@${dependencies[name] ?? devDependencies[name] ?? 'latest'}`;
}
