import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { projectFolder } from '../support/project-folder';
import type { Ended, Environment } from '../support/schema-command';
import { typeScript } from '../support/type-script';

const copied = [
  'package.json',
  'tsconfig.json',
  'docs',
  'migrate-mongo-config.js',
  'migrate-mongo-config.ts',
  'migrations',
  'models',
  'product.ts',
  'queries.ts',
  'python',
  'schema',
  'scripts/quick-start.js',
  'seeders',
  'src',
];

/** A copy of the project in a temporary folder, with the same installed packages and no .env. */
export class ProjectCopy {
  private constructor(readonly folder: string) {}

  /** A copy of what the command line works with, and of more files or folders where they are named. */
  static make(more: readonly string[] = []): Promise<ProjectCopy> {
    return ProjectCopy.of([...copied, ...more]);
  }

  /** A copy of the whole checkout: of every file that git does not ignore, tests among them. */
  static async makeWhole(): Promise<ProjectCopy> {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const { stdout } = await execa('git', list, { cwd: projectFolder });
    // A file that was deleted and not staged is listed too.
    return ProjectCopy.of(
      stdout.split('\0').filter((name) => name !== '' && existsSync(path.join(projectFolder, name))),
    );
  }

  private static async of(names: readonly string[]): Promise<ProjectCopy> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'project-copy-')));
    await Promise.all(
      names.map((name) => cp(path.join(projectFolder, name), path.join(folder, name), { recursive: true })),
    );
    await symlink(path.join(projectFolder, 'node_modules'), path.join(folder, 'node_modules'));
    return new ProjectCopy(folder);
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  read(...names: string[]): Promise<string> {
    return readFile(this.path(...names), 'utf8');
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  async makeFolder(name: string): Promise<void> {
    await mkdir(this.path(name), { recursive: true });
  }

  /** Runs the project's own command line. */
  schema(args: readonly string[], env: Environment = {}): Promise<Ended> {
    return this.run('node', [...typeScript, 'src/cli/main.ts', ...args], env);
  }

  migrateMongo(args: readonly string[], env: Environment = {}): Promise<Ended> {
    return this.run('node_modules/.bin/migrate-mongo', args, env);
  }

  async run(file: string, args: readonly string[], env: Environment = {}): Promise<Ended> {
    const { exitCode, stdout, stderr } = await execa(file, args, {
      cwd: this.folder,
      env: { ...bareEnvironment(), ...env },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
    });
    return { exitCode, stdout, stderr };
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Of this process' environment what every program needs, and nothing that configures this one. */
function bareEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP'].map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
