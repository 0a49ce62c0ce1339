import { errorCodeOf, errorCodes } from '../support/error-codes';

/** The exit codes of the command line. */
export const exitCodes = {
  /** Success: nothing is left to do, and no difference or error was found. */
  ok: 0,
  /** An error. The message says what failed, where, and how to fix it. */
  failed: 1,
  /** Something differs: pending migrations, drift, an outdated snapshot, lint errors. */
  difference: 2,
  /** Another run holds the lease, or this run lost it. */
  locked: 3,
  /** The history has edited, missing, late or half-rolled-back migrations. */
  historyBroken: 4,
  /** The command line or the environment is invalid. */
  usage: 64,
} as const;

/** Returns the exit code for an error. Checks the error's `code`, since instanceof fails when two copies of the class are loaded. */
export function exitCodeOf(error: unknown): number {
  return errorCodes[errorCodeOf(error)].exitCode;
}
