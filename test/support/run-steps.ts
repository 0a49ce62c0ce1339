import type { Db } from 'mongodb';
import { migration, type Step } from '../../src/migration';
import { runMigration, type MigrationOutcome, type Outcome, type Session } from '../../src/execute';
import { sessionOn } from './migrations';

/** Runs steps as one migration. Returns the outcome of each change. */
export async function runSteps(
  db: Db,
  steps: readonly Step[],
  direction: 'up' | 'down' = 'up',
  options: Partial<Session> = {},
): Promise<Outcome[]> {
  const { changes } = await outcomeOf(db, steps, direction, options);
  return changes.map(({ outcome }) => outcome);
}

/** Does the same, and also returns the outcomes of the data steps. */
export async function outcomeOf(
  db: Db,
  steps: readonly Step[],
  direction: 'up' | 'down' = 'up',
  options: Partial<Session> = {},
): Promise<MigrationOutcome> {
  const one = migration('20260101000000-test.ts', ...steps);
  return runMigration(await sessionOn(db, options), one, direction);
}
