import { errorCodeOf, type ErrorCode } from '../support/error-codes';
import { isSchemaError, type ErrorSubject } from '../support/schema-error';

/**
 * Why an attempt failed, as the history stores it: codes, kinds, names and counts. The messages of the server and of steps may quote
 * documents and passwords, so these messages are never stored.
 */
export interface RecordedFailure extends ErrorSubject {
  readonly code: ErrorCode;
  /** The message of the tool's own error; undefined for other errors. */
  readonly summary?: string;
  /** The class of an error that is not the tool's own: `TypeError`. */
  readonly thrown?: string;
  /** The number and the name of the server's error; undefined when no server error is the cause. */
  readonly serverCode?: number;
  readonly serverCodeName?: string;
}

export function failureOf(error: unknown): RecordedFailure {
  const ours = isSchemaError(error) ? { summary: error.summary, ...error.about } : thrownBy(error);
  return { code: errorCodeOf(error), ...ours, ...serverErrorIn(error) };
}

/** Describes a failure: `Cannot create index users.email_1: DuplicateKey (SERVER 11000)`, `a TypeError was thrown (FAILED)`. */
export function describeFailure({ code, summary, thrown, serverCode, serverCodeName }: RecordedFailure): string {
  const what = summary ?? (thrown === undefined ? 'an error was thrown' : `${thrown} was thrown`);
  const named = serverCodeName === undefined || what.includes(serverCodeName) ? undefined : serverCodeName;
  return `${what} (${[code, serverCode, named].filter((part) => part !== undefined).join(' ')})`;
}

/** Matches identifiers in program code. From an error that is not the tool's own, only names that match this pattern are stored. */
const identifier = /^[A-Za-z_$][\w$.]{0,63}$/;

function thrownBy(error: unknown): { thrown?: string } {
  const { name } = (error ?? {}) as { name?: unknown };
  return error instanceof Error && typeof name === 'string' && identifier.test(name) ? { thrown: name } : {};
}

/** Returns the number and the name of the server's error in a chain of causes. The driver stores the number in `code`. */
function serverErrorIn(error: unknown): { serverCode?: number; serverCodeName?: string } {
  for (let at = error; at instanceof Error; at = at.cause ?? firstOf(at)) {
    const { code, codeName } = at as { code?: unknown; codeName?: unknown };
    if (typeof code !== 'number') continue;
    const isName = typeof codeName === 'string' && identifier.test(codeName);
    return { serverCode: code, ...(isName && { serverCodeName: codeName }) };
  }
  return {};
}

function firstOf(error: Error): unknown {
  return error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
}
