import type { Db } from 'mongodb';
import { migration, runMigration, type Outcome, type Session, type Step } from '../../src/migration';
import { sessionOn } from './migrations';

/** Carries steps out as one migration, and tells what became of each change. */
export async function runSteps(
  db: Db,
  steps: readonly Step[],
  direction: 'up' | 'down' = 'up',
  options: Partial<Session> = {},
): Promise<Outcome[]> {
  const one = migration('20260101000000-test.ts', ...steps);
  const outcomes = await runMigration(await sessionOn(db, options), one, direction);
  return outcomes.map(({ outcome }) => outcome);
}
