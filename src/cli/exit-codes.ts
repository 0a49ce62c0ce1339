import { errorCodeOf, errorCodes } from '../support/error-codes';

/** What the command line ends with. */
export const exitCodes = {
  /** Nothing left to do; equal; clean. */
  ok: 0,
  /** The message says what, where, and the fix. */
  failed: 1,
  /** Pending migrations, drift, a stale snapshot, lint errors. */
  difference: 2,
  /** Locked by another run, or the lease was lost. */
  locked: 3,
  /** Edited, missing, late or half-rolled-back migrations. */
  historyBroken: 4,
  /** The command line or the environment itself is wrong. */
  usage: 64,
} as const;

/** The exit code that an error stands for. Errors are identified by their code, not with instanceof: that fails when two copies of a class are loaded. */
export function exitCodeOf(error: unknown): number {
  return errorCodes[errorCodeOf(error)].exitCode;
}
