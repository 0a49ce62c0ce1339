import type { Change } from '../schema';
import type { Outcome } from './kinds/execution';

/** What became of one change. Changes that one command made share its duration. */
export interface ChangeOutcome {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}
