import { expect } from 'vitest';
import { fold } from '../../src/schema';
import { useDatabase, type TestDatabase } from '../support/database';
import { fixture } from '../support/fixture';
import { liveSchema } from '../support/migrations';
import { startBare } from '../support/running-command';
import { serverEnvironment, type Ended, type Environment } from '../support/schema-command';

const { migrations } = fixture;

/** migrate-mongo's own command line, on the migrations of the tests and a database of its own. */
export interface BareMigrateMongo {
  readonly database: TestDatabase;
  /** In a process, as a person starts it. */
  readonly run: (verb: string, env?: Environment) => Promise<Ended>;
  readonly changelog: () => Promise<Record<string, unknown>[]>;
  /** Sees to it that the database is what these migrations lead to, and that the changelog names them. */
  readonly expectApplied: (names: readonly string[]) => Promise<void>;
}

export function useBareMigrateMongo(): BareMigrateMongo {
  const database = useDatabase();
  const changelog = () => database.db.collection('changelog').find().sort({ fileName: 1 }).toArray();
  return {
    database,
    run: (verb, env = {}) => startBare(fixture, { ...serverEnvironment(database.name), ...env }, [verb]).ended,
    changelog,
    expectApplied: async (names) => {
      const changes = migrations.filter(({ name }) => names.includes(name)).flatMap((migration) => migration.changes);
      expect(await liveSchema(database.db, migrations)).toEqual(fold(changes));
      expect((await changelog()).map(({ fileName }) => fileName as string)).toEqual(names);
    },
  };
}

/** Takes back the newest migration, and sees to it that nothing else goes. */
export async function goDown(migrateMongo: BareMigrateMongo, name: string): Promise<void> {
  const ended = await migrateMongo.run('down');
  expect(ended).toEqual({ exitCode: 0, stdout: `MIGRATED DOWN: ${name}\n`, stderr: '' });
  await migrateMongo.expectApplied(fixture.names.slice(0, fixture.names.indexOf(name)));
}
