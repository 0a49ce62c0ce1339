import { inverse } from '../schema';
import { applyChanges, type ChangeOutcome, type Session } from './executor';
import type { Direction, Migration } from './types';

/** Carries a migration out, in either direction. Running it again converges: what holds already is skipped. */
export function runMigration(
  session: Session,
  { changes }: Pick<Migration, 'changes'>,
  direction: Direction,
): Promise<ChangeOutcome[]> {
  return applyChanges(session, direction === 'up' ? changes : inverse(changes));
}
