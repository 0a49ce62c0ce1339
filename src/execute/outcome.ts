import type { Change } from '../schema';
import type { Outcome } from './kinds/execution';

/** The outcome of one change. Changes that were made by one command share its duration. */
export interface ChangeOutcome {
  readonly change: Change;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}
