import { afterEach, beforeEach, expect } from 'vitest';
import { status } from '../../src/deploy';
import { readEvents, type MigrationState } from '../../src/history';
import { useDatabase, type TestDatabase } from '../support/database';
import { startBare } from '../support/running-command';
import { runSchema, serverEnvironment, type Ended } from '../support/schema-command';
import { makeSmallProject, migrationText, type SmallProject } from '../support/small-project';

/** A plain migration that makes a collection, and its way back. */
export const orders = `
import type { Db, MongoClient } from 'mongodb';
export async function up(db: Db, _client: MongoClient) {
  await db.createCollection('orders');
  await db.collection('orders').insertOne({ total: 1 });
}
export async function down(db: Db) {
  await db.collection('orders').drop();
}
`;

/** A folder of migrations, none at first, and a database, both anew for each test. */
export interface PlainProject {
  readonly db: TestDatabase['db'];
  readonly name: string;
  readonly env: Record<string, string>;
  readonly folder: string;
  /** Writes a file into the folder. */
  write(name: string, text: string): Promise<void>;
  /** Writes a migration that is made of verbs. */
  writeVerbs(name: string, steps: string): Promise<void>;
  /** The project's own command line. */
  schema(...args: string[]): Promise<Ended>;
  /** The same, which is to end with 0. */
  done(...args: string[]): Promise<string>;
  /** migrate-mongo's command line. */
  bare(...args: string[]): Promise<Ended>;
  /** The same where the environment names another folder. */
  bareIn(folder: string, ...args: string[]): Promise<Ended>;
  states(): Promise<MigrationState[]>;
  /** The names in the changelog. */
  recorded(): Promise<string[]>;
  /** The events, in words: `finished up 2026…-users.ts`. */
  told(): Promise<string[]>;
  /** The names of the collections, ours apart. */
  collections(): Promise<string[]>;
}

export function usePlainProject(): PlainProject {
  const database = useDatabase();
  let project: SmallProject | undefined;
  const made = () => project ?? expect.fail('the project exists only inside hooks and tests');
  beforeEach(async () => {
    await database.db.dropDatabase();
    project = await makeSmallProject();
  });
  afterEach(() => made().remove());
  const self: PlainProject = {
    get db() {
      return database.db;
    },
    get name() {
      return database.name;
    },
    get env() {
      return serverEnvironment(database.name);
    },
    get folder() {
      return made().folder;
    },
    write: (name, text) => made().write(`migrations/${name}`, text),
    writeVerbs: (name, steps) => made().write(`migrations/${name}`, migrationText(steps)),
    schema: (...args) => runSchema(made(), args, self.env),
    done: async (...args) => {
      const { exitCode, stdout, stderr } = await self.schema(...args);
      expect(exitCode, stdout + stderr).toBe(0);
      return stdout;
    },
    bare: (...args) => self.bareIn(made().folder, ...args),
    bareIn: (folder, ...args) => startBare({ folder }, self.env, args).ended,
    states: async () => {
      const { migrations } = await status({ url: database.url, database: database.name, folder: made().folder });
      return migrations.map(({ state }) => state);
    },
    recorded: async () => {
      const rows = await database.db.collection('changelog').find().sort({ fileName: 1 }).toArray();
      return rows.map(({ fileName }) => fileName as string);
    },
    told: async () =>
      (await readEvents(database.db)).map(({ type, direction, migration }) =>
        [type, direction, migration].filter(Boolean).join(' '),
      ),
    collections: async () => {
      const infos = await database.db.listCollections({}, { nameOnly: true }).toArray();
      return infos.flatMap(({ name }) => (/^(?:changelog|schema_)/.test(name) ? [] : [name])).sort();
    },
  };
  return self;
}
