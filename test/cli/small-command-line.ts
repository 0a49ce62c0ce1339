import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import { takeLease } from '../../src/history';
import { useDatabase, type TestDatabase } from '../support/database';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';
import { documentOf, runSchema, serverEnvironment, type Ended } from '../support/schema-command';

/** The command line of a project with two migrations, on a database that is empty when a test begins. */
export interface SmallCommandLine {
  readonly db: TestDatabase['db'];
  /** The folder of the migrations. */
  readonly folder: string;
  /** Their names: one makes users, the other an index on their emails. */
  readonly users: string;
  readonly emails: string;
  schema(...args: string[]): Promise<Ended>;
  schemaWith(env: Record<string, string>, ...args: string[]): Promise<Ended>;
  /** Alters the text of a migration. */
  edit(name: string): Promise<void>;
  /** Holds the lease until the test ends. */
  holdLease(): Promise<void>;
}

export function useSmallCommandLine(): SmallCommandLine {
  const database = useDatabase();
  let project: SmallProject | undefined;
  let texts: string[] = [];
  const made = () => project ?? expect.fail('the project exists only inside hooks and tests');
  beforeAll(async () => {
    project = await makeSmallProject({
      users: "createCollections('users')",
      emails: `createIndexes('users', [${indexOn('email', 'unique: true')}])`,
    });
    texts = await Promise.all(made().names.map((name) => made().read('migrations', name)));
  });
  afterAll(() => project?.remove());
  beforeEach(async () => {
    await database.db.dropDatabase();
    for (const [at, name] of made().names.entries()) await made().write(`migrations/${name}`, texts[at] ?? '');
  });
  const schemaWith: SmallCommandLine['schemaWith'] = (env, ...args) =>
    runSchema(made(), args, { ...serverEnvironment(database.name), ...env });
  return {
    get db() {
      return database.db;
    },
    get folder() {
      return made().folder;
    },
    get users() {
      return made().names[0] ?? '';
    },
    get emails() {
      return made().names[1] ?? '';
    },
    schema: (...args) => schemaWith({}, ...args),
    schemaWith,
    edit: (name) => made().write(`migrations/${name}`, `${texts[0] ?? ''}// A word more.\n`),
    holdLease: async () => {
      const lease = await takeLease(database.db, { purpose: 'a test', seconds: 30, timeout: 0 });
      onTestFinished(() => lease.release());
    },
  };
}

/** What stands on stdout, which is one JSON document, of a command that ends with this exit code. */
export async function json(command: Promise<Ended>, exitCode = 0): Promise<Record<string, unknown>> {
  const ended = await command;
  expect(ended.exitCode, ended.stderr).toBe(exitCode);
  return documentOf(ended);
}
