import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { driverCalls, filesOf, plainScript, type Step } from './many';
import type { Program } from './programs';

/** The folder in which the other tools are installed, separate from the packages of this project. */
const home = path.join(__dirname, 'peers');
const packages = path.join(home, 'node_modules');

/** A tool that migrates MongoDB with Node. */
export interface OtherTool {
  readonly name: string;
  /** The package that must be installed. */
  readonly needs: string;
  /** The language of the tool's migrations. */
  readonly language: 'JavaScript' | 'TypeScript';
  /** The arguments that apply all migrations. */
  readonly up: readonly string[];
  readonly env: (url: string, database: string) => Readonly<Record<string, string>>;
  /** The arguments of node. */
  readonly args: readonly string[];
  /** The files of a project with these steps, by path. */
  readonly files: (steps: readonly Step[]) => Readonly<Record<string, string>>;
}

const fromEnvironment = (url: string, database: string) => ({ MONGODB_URL: url, MONGODB_DATABASE: database });
/** Loads TypeScript as quickly as these tools can: without checking types. */
const withTypeScript = ['-r', 'tsx/cjs'];

const migrateMongoConfig = (extension: string) => `module.exports = {
  mongodb: { url: process.env.MONGODB_URL, databaseName: process.env.MONGODB_DATABASE, options: {} },
  migrationsDir: 'migrations', changelogCollectionName: 'changelog', migrationFileExtension: '${extension}', moduleSystem: 'commonjs', useFileHash: false,
};
`;

export const otherTools: readonly OtherTool[] = [
  {
    name: 'migrate-mongo',
    needs: 'migrate-mongo',
    language: 'JavaScript',
    args: ['node_modules/migrate-mongo/bin/migrate-mongo.js'],
    up: ['up'],
    env: fromEnvironment,
    files: (steps) => ({
      'migrate-mongo-config.js': migrateMongoConfig('.js'),
      ...within('migrations', filesOf(steps, 'js', plainScript)),
    }),
  },
  {
    name: 'umzug with its MongoDB storage',
    needs: 'umzug',
    language: 'JavaScript',
    args: ['up.js'],
    up: [],
    env: fromEnvironment,
    files: (steps) => ({
      // The same version of the driver as this tool.
      'up.js': `const { MongoClient } = require('mongodb-7');
const { MongoDBStorage, Umzug } = require('umzug');
(async () => {
  const client = await new MongoClient(process.env.MONGODB_URL).connect();
  const db = client.db(process.env.MONGODB_DATABASE);
  const storage = new MongoDBStorage({ collection: db.collection('migrations') });
  const resolve = ({ name, path }) => ({ name, up: () => require(path).up(db), down: () => require(path).down(db) });
  await new Umzug({ migrations: { glob: 'migrations/*.js', resolve }, storage, logger: undefined }).up();
  await client.close();
})();
`,
      ...within('migrations', filesOf(steps, 'js', plainScript)),
    }),
  },
  {
    name: 'migrate-mongo with TypeScript',
    needs: 'migrate-mongo',
    language: 'TypeScript',
    args: [...withTypeScript, 'node_modules/migrate-mongo/bin/migrate-mongo.js'],
    up: ['up'],
    env: fromEnvironment,
    files: (steps) => ({
      'migrate-mongo-config.js': migrateMongoConfig('.ts'),
      ...within('migrations', filesOf(steps, 'ts', typedScript)),
    }),
  },
  {
    name: 'mongo-migrate-ts',
    needs: 'mongo-migrate-ts',
    language: 'TypeScript',
    args: [...withTypeScript, 'migrations/index.ts'],
    up: ['up'],
    env: fromEnvironment,
    files: (steps) => ({
      'migrations/index.ts': `import { mongoMigrateCli } from 'mongo-migrate-ts';
mongoMigrateCli({
  uri: process.env['MONGODB_URL'], database: process.env['MONGODB_DATABASE'], migrationsDir: __dirname, globPattern: '*-step_*.ts',
});
`,
      ...within(
        'migrations',
        // The other tool takes the order from the last 13 characters of the name of the class.
        filesOf(steps, 'ts', (step) => {
          const { up, down } = driverCalls(step);
          const order = step.name.replace('step_', '').padStart(13, '0');
          return `import type { MigrationInterface } from 'mongo-migrate-ts';
import type { Db } from 'mongodb';
export class Step${order} implements MigrationInterface {
  async up(db: Db): Promise<void> { await ${up}; }
  async down(db: Db): Promise<void> { await ${down}; }
}
`;
        }),
      ),
    }),
  },
  {
    name: 'ts-migrate-mongoose',
    needs: 'ts-migrate-mongoose',
    language: 'TypeScript',
    args: ['node_modules/ts-migrate-mongoose/dist/cli.js'],
    up: ['up', '--autosync', 'true'],
    env: (url, database) => ({ MIGRATE_MONGO_URI: withDatabase(url, database) }),
    files: (steps) =>
      within(
        'migrations',
        // The names of the other tool's migrations begin with a time in milliseconds.
        Object.fromEntries(
          steps.map((step, at) => {
            const { up, down } = driverCalls(step);
            const text = `import type { Connection } from 'mongoose';
export async function up({ db }: Connection): Promise<void> { if (!db) throw new Error('no database'); await ${up}; }
export async function down({ db }: Connection): Promise<void> { if (!db) throw new Error('no database'); await ${down}; }
`;
            return [`${1_767_225_600_000 + at}-${step.name}.ts`, text];
          }),
        ),
      ),
  },
];

/**
 * Installs the other tools from their lock file, and resolves to the version of each installed tool, by package. Without a
 * network, it reports why it cannot install them, and resolves to what an earlier run has installed.
 */
export async function installOtherTools(): Promise<ReadonlyMap<string, string>> {
  const { exitCode, stderr } = await execa(
    'npm',
    ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'],
    {
      cwd: home,
      reject: false,
    },
  );
  if (exitCode !== 0) console.error(`The other tools were not installed: ${stderr}`);
  const found = new Map<string, string>();
  for (const { needs } of otherTools) {
    const version = await versionOf(needs).catch(() => undefined);
    if (version !== undefined) found.set(needs, version);
  }
  return found;
}

async function versionOf(name: string): Promise<string> {
  const text = await readFile(path.join(packages, name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Writes a project of a tool with these steps. */
export async function setUp(tool: OtherTool, folder: string, steps: readonly Step[]): Promise<Program> {
  await mkdir(path.join(folder, 'migrations'), { recursive: true });
  await symlink(packages, path.join(folder, 'node_modules'));
  for (const [file, text] of Object.entries(tool.files(steps))) await writeFile(path.join(folder, file), text);
  return { folder, args: tool.args };
}

function typedScript(step: Step): string {
  const { up, down } = driverCalls(step);
  return `import type { Db } from 'mongodb';
export async function up(db: Db): Promise<void> { await ${up}; }
export async function down(db: Db): Promise<void> { await ${down}; }
`;
}

function within(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.toString();
}
