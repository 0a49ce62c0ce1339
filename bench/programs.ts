import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { stageTool } from '../packages/stage';
import { linkPackages } from '../test/product/compiled';
import { freeze } from '../test/support/freeze';

const usage = path.join(__dirname, 'usage.js');

/** A program that runs as a process in its own folder. */
export interface Program {
  readonly folder: string;
  /** The arguments of node. */
  readonly args: readonly string[];
}

export interface Took {
  /** CPU time, in milliseconds. */
  readonly cpu: number;
  readonly wall: number;
}

/** Creates a temporary folder for programs, and removes it after the work. */
export async function withPrograms<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-programs-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program to its end, and measures it.
 * @throws error if its exit code is not 0
 */
export async function run(
  { folder, args }: Program,
  more: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Took> {
  const { PATH = '', HOME = '' } = process.env;
  const file = path.join(folder, `usage-${process.pid}`);
  const started = performance.now();
  await execa(process.execPath, ['-r', usage, ...args, ...more], {
    cwd: folder,
    env: { PATH, HOME, BENCH_USAGE: file, ...env },
    extendEnv: false,
  });
  return { wall: performance.now() - started, cpu: Number(await readFile(file, 'utf8')) };
}

/** Builds the published (compiled) form of this tool, with the packages that are installed here. */
export async function compiledTool(folder: string): Promise<Program> {
  const { manifest } = await stageTool(folder, { typesAreChecked: true });
  await linkPackages(path.join(folder, 'node_modules'), Object.keys(manifest['dependencies'] as object));
  return { folder, args: [(manifest['bin'] as Record<string, string>)['schema'] ?? ''] };
}

/**
 * Writes migrations in JavaScript for the compiled tool, and freezes them: the compiled tool runs only frozen migrations. Resolves to
 * the arguments that select these migrations.
 */
export async function writeCompiled(folder: string, texts: Readonly<Record<string, string>>): Promise<string[]> {
  await mkdir(folder);
  for (const [name, text] of Object.entries(texts)) await writeFile(path.join(folder, name), text);
  await freeze(
    folder,
    Object.keys(texts).map((name) => path.join(folder, name)),
  );
  return ['--migrations', folder];
}

/** Sets up migrate-mongo without this project. `texts` are migrations in plain JavaScript, by name. */
export async function migrateMongo(folder: string, texts: Readonly<Record<string, string>>): Promise<Program> {
  await mkdir(path.join(folder, 'migrations'), { recursive: true });
  await linkPackages(path.join(folder, 'node_modules'), ['migrate-mongo', 'mongodb']);
  await writeFile(
    path.join(folder, 'migrate-mongo-config.js'),
    `module.exports = {
  mongodb: { url: process.env.MONGODB_URL, databaseName: process.env.MONGODB_DATABASE, options: {} },
  migrationsDir: 'migrations', changelogCollectionName: 'changelog', migrationFileExtension: '.js', moduleSystem: 'commonjs', useFileHash: false,
};
`,
  );
  for (const [name, text] of Object.entries(texts)) await writeFile(path.join(folder, 'migrations', name), text);
  return { folder, args: ['node_modules/migrate-mongo/bin/migrate-mongo.js'] };
}
