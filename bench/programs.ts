import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { stageTool } from '../packages/stage';

const checkout = path.resolve(__dirname, '..');
const usage = path.join(__dirname, 'usage.js');

/** A program as a process, started in its folder. */
export interface Program {
  readonly folder: string;
  /** What node is given. */
  readonly args: readonly string[];
}

export interface Took {
  /** Milliseconds. */
  readonly cpu: number;
  readonly wall: number;
}

/** A folder for programs, removed after the work. */
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
 * @throws error when it does not end 0
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

/** The tool as it is published, compiled, with the packages that are installed here. */
export async function compiledTool(folder: string): Promise<Program> {
  const { manifest } = await stageTool(folder, { typesAreChecked: true });
  await mkdir(path.join(folder, 'node_modules'));
  for (const name of Object.keys(manifest['dependencies'] as object)) await link(folder, name);
  return { folder, args: [(manifest['bin'] as Record<string, string>)['schema'] ?? ''] };
}

/** migrate-mongo, without anything of this project, on migrations in plain JavaScript. Their texts go by their names. */
export async function migrateMongo(folder: string, texts: Readonly<Record<string, string>>): Promise<Program> {
  await mkdir(path.join(folder, 'migrations'), { recursive: true });
  await mkdir(path.join(folder, 'node_modules'));
  for (const name of ['migrate-mongo', 'mongodb']) await link(folder, name);
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

async function link(folder: string, name: string): Promise<void> {
  const at = path.join(folder, 'node_modules', name);
  await mkdir(path.dirname(at), { recursive: true });
  await symlink(path.join(checkout, 'node_modules', name), at);
}
