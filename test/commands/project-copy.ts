import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { typeScript } from '../support/type-script';

export const projectFolder = path.resolve(__dirname, '..', '..');

const copied = [
  'package.json',
  'tsconfig.json',
  'docs',
  'migrate-mongo-config.js',
  'migrate-mongo-config.ts',
  'migrations',
  'schema',
  'seeders',
  'src',
];

/** What a command wrote, and how it ended. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** A copy of the project in a temporary folder, with the same installed packages and no .env. */
export class ProjectCopy {
  private constructor(readonly folder: string) {}

  static async make(): Promise<ProjectCopy> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'project-copy-')));
    await Promise.all(
      copied.map((name) => cp(path.join(projectFolder, name), path.join(folder, name), { recursive: true })),
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
    return this.run('node', [...typeScript, 'src/commands/main.ts', ...args], env);
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

/** The environment that points a command at a database of the test server. */
export function serverEnvironment(database: string): Record<string, string> {
  return { MONGODB_URL: inject('mongodb').url, MONGODB_DATABASE: database };
}
