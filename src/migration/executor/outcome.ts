import type { Change } from '../../schema';

/** What became of a change: made now, found made, or (a row that people edited) kept as it is. */
export type Outcome = 'done' | 'already' | 'kept';

/** What became of one change. Changes that one command made share its duration. */
export interface ChangeOutcome {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}
