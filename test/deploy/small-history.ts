import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BSON } from 'mongodb';
import { afterEach, beforeEach } from 'vitest';
import { deploy, rollback, type DeployOptions, type RollbackOptions } from '../../src/deploy';
import { readEvents } from '../../src/history';
import { useDatabase, type TestDatabase } from '../support/database';

const verbs = path.join(__dirname, '..', '..', 'src', 'migration');

/** The first three migrations of a product. */
export const [users, emails, projects] = [
  '20260101000000-users.ts',
  '20260102000000-emails.ts',
  '20260103000000-projects.ts',
] as const;

/** What each migration does, as code. */
export const code = {
  collection: (name: string) => `createCollections('${name}')`,
  index: (collection: string, field: string, options = '') =>
    `createIndexes('${collection}', [{ name: '${field}_1', key: { ${field}: 1 }, serves: 'a test', ${options} }])`,
} as const;

/** A database and a folder of migrations, both anew for each test. */
export interface SmallHistory extends Pick<TestDatabase, 'db' | 'name' | 'url'> {
  readonly folder: string;
  /** What the verbs of the library take. */
  readonly target: { readonly url: string; readonly database: string; readonly folder: string };
  /** Writes a migration that does this; `comment` makes its text another one. */
  write(name: string, steps: string, comment?: string): Promise<void>;
  remove(name: string): Promise<void>;
  deploy(options?: Partial<DeployOptions>): ReturnType<typeof deploy>;
  rollback(options: Partial<RollbackOptions>): ReturnType<typeof rollback>;
  /** The names in the changelog. */
  recorded(): Promise<string[]>;
  /** The events, in words: `finished up 2026…-users.ts`. */
  told(): Promise<string[]>;
  /** Everything that the database holds, the lease apart. */
  contents(): Promise<unknown>;
}

/** Each test begins with three migrations, of which none is applied. */
export function useSmallHistory(): SmallHistory {
  const database = useDatabase();
  let folder = '';
  const target = () => ({ url: database.url, database: database.name, folder });
  const history: SmallHistory = {
    get db() {
      return database.db;
    },
    get name() {
      return database.name;
    },
    get url() {
      return database.url;
    },
    get folder() {
      return folder;
    },
    get target() {
      return target();
    },
    write: (name, steps, comment = '') =>
      writeFile(
        path.join(folder, name),
        `import { addValidator, backfill, changeTtl, createCollections, createIndexes, createTimeSeries, createView, dropCollection, dropField, dropIndexes, insertDocuments, migration, removeDocuments, removeDuplicates, renameCollection, renameField, run, updateDocuments } from '${verbs}';\nimport { inverse } from '${verbs}/../schema';\n` +
          `export default migration(__filename, ${steps});\n${comment}`,
      ),
    remove: (name) => rm(path.join(folder, name)),
    deploy: (options = {}) => deploy({ ...target(), ...options }),
    rollback: (options) => rollback({ ...target(), ...options }),
    recorded: async () =>
      (await database.db.collection('changelog').find().sort({ fileName: 1 }).toArray()).map(
        (row) => row['fileName'] as string,
      ),
    told: async () =>
      (await readEvents(database.db)).map(({ type, direction, migration }) =>
        [type, direction, migration].filter(Boolean).join(' '),
      ),
    contents: () => contentsOf(database),
  };
  beforeEach(async () => {
    await database.db.dropDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'small-history-'));
    await history.write(users, code.collection('users'));
    await history.write(emails, code.index('users', 'email', 'unique: true'));
    await history.write(projects, code.collection('projects'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  return history;
}

/** Collections with their options and indexes, and every document: as text, so that two can be compared. */
async function contentsOf({ db }: Pick<TestDatabase, 'db'>): Promise<unknown> {
  const infos = await db.listCollections({ name: { $ne: 'schema_lock' } }).toArray();
  const entries = infos.map(async (info) => {
    const collection = db.collection(info.name);
    const documents = await collection.find().sort({ _id: 1 }).toArray();
    return [info.name, BSON.EJSON.stringify([info, await collection.indexes(), documents])];
  });
  return Object.fromEntries((await Promise.all(entries)).sort()) as unknown;
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: unknown; left?: unknown }> {
  return promise.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: unknown) => error as Error,
  );
}
