import { inspect } from 'node:util';
import { printable } from './printable';
import { errorCodeOf, type ErrorCode } from './error-codes';
import { redact } from './redact';

/** The subject of an error, as names and counts. The history stores the subject, so it contains no document values. */
export interface ErrorSubject {
  /** The kind of the subject: `index`, `validator`. */
  readonly kind?: string;
  readonly collection?: string;
  readonly index?: string;
  /** Counts, each under the name of what was counted: `{ documents: 2 }`. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** The parts of an error in addition to its summary. */
export interface ErrorDetails {
  /** The reason, in one or more lines. The reason may contain document values. */
  readonly why?: string | readonly string[] | undefined;
  /** How to fix the problem. */
  readonly fix?: string | undefined;
  /** A file, with a line number if known: `migrations/20260101000000-users.ts:12`. */
  readonly where?: string | undefined;
  /** The names of migrations that are still pending. */
  readonly left?: readonly string[] | undefined;
  readonly about?: ErrorSubject | undefined;
  readonly cause?: unknown;
}

/** An error as it is printed, and as part of `--json` output. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly why?: readonly string[];
  readonly fix?: string;
  readonly where?: string;
  /** The section of docs/errors.md about the code. */
  readonly docs: string;
  readonly left?: readonly string[];
}

/**
 * The class of all errors that are thrown on purpose. Identify these errors by `code`, never by class, because a test runner and the
 * program may load two copies of the class. `message` is the complete text for display, so every program that prints the message, such as
 * migrate-mongo itself, also prints the reason and the fix.
 */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
  readonly why: readonly string[] | undefined;
  readonly fix: string | undefined;
  readonly where: string | undefined;
  readonly left: readonly string[] | undefined;
  readonly about: ErrorSubject | undefined;

  /**
   * @param summary what failed, in one line without a full stop. The history stores the summary, so it names kinds, collections, indexes
   *   and counts, but never a document value.
   */
  constructor(
    readonly code: ErrorCode,
    readonly summary: string,
    { why, fix, where, left, about, cause }: ErrorDetails = {},
  ) {
    super(undefined, cause === undefined ? undefined : { cause });
    this.why = why === undefined || typeof why !== 'string' ? why : why.split('\n');
    this.fix = fix;
    this.where = where;
    this.left = left;
    this.about = about;
    this.message = formatReport(reportOf(this));
  }

  get docs(): string {
    return docsOf(this.code);
  }
}

/** Returns whether an error is a SchemaError, from any copy of the class. */
export function isSchemaError(error: unknown): error is SchemaError {
  return error instanceof Error && error.name === 'SchemaError';
}

/** Returns the same error with the names of the migrations that are still pending. */
export function withLeft(error: unknown, left: readonly string[]): SchemaError {
  const { code, summary, ...details } = reportOf(error);
  const about = isSchemaError(error) ? error.about : undefined;
  return new SchemaError(code, summary, { ...details, left, about, cause: error });
}

function docsOf(code: ErrorCode): string {
  return `docs/errors.md#${code.toLowerCase()}`;
}

/** Returns the report of any error. */
export function reportOf(error: unknown): ErrorReport {
  const code = errorCodeOf(error);
  const { summary, why, fix, where, left } = (error ?? {}) as Partial<ErrorReport>;
  if (isSchemaError(error) && typeof summary === 'string') {
    return {
      code,
      summary,
      ...(why !== undefined && why.length > 0 && { why }),
      ...(fix !== undefined && { fix }),
      ...(where !== undefined && { where }),
      docs: docsOf(code),
      ...(left !== undefined && left.length > 0 && { left }),
    };
  }
  const [first = '', ...others] = textOf(error).split('\n');
  return {
    code,
    summary: first.replace(/\.$/, ''),
    ...(others.length > 0 && { why: others }),
    docs: docsOf(code),
  };
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'string' && error !== '' ? error : `${inspect(error)} was thrown, which is not an error`;
}

/**
 * Returns a summary that the history may store. For an error that other code threw, the summary contains only the name of the error's
 * class.
 */
export function summaryOf(error: unknown): string {
  if (isSchemaError(error)) return error.summary;
  return `${error instanceof Error ? error.constructor.name : 'something'} was thrown`;
}

/**
 * Formats an error for display, without users and passwords:
 *
 *     Cannot apply 20270101000000-languages.ts (PREFLIGHT)
 *       why    2 documents of results share a key
 *       fix    merge them
 */
export function formatReport({ code, summary, why = [], fix, where, docs, left = [] }: ErrorReport): string {
  const field = (label: string, lines: readonly string[]) =>
    lines
      .flatMap((line) => line.split('\n'))
      .map((line, at) => `  ${(at === 0 ? label : '').padEnd(7)}${line}`.trimEnd());
  const lines = [
    `${summary} (${code})`,
    ...field('why', why),
    ...field('fix', fix === undefined ? [] : [fix]),
    ...field('where', where === undefined ? [] : [where]),
    ...field('left', left.length === 0 ? [] : [left.join(', ')]),
    ...field('docs', [docs]),
  ];
  // Summaries and reasons may contain names and messages from the database.
  return printable(redact(lines.join('\n')));
}

/**
 * Returns an error with a new summary, and with the code, reason and fix of its cause.
 * Values in `details` replace the values of the cause.
 */
export function because(error: unknown, summary: string, details: ErrorDetails = {}): SchemaError {
  const inner = reportOf(error);
  return new SchemaError(inner.code, summary, {
    why: [inner.summary, ...(inner.why ?? [])],
    fix: inner.fix,
    where: inner.where,
    left: inner.left,
    about: isSchemaError(error) ? error.about : undefined,
    cause: error,
    ...details,
  });
}

/** Returns the message of an error in one line, for the end of a sentence: `mongod did not start: …`. */
export function reasonOf(error: unknown): string {
  const { summary, why = [] } = reportOf(error);
  return [summary, ...why].join(': ');
}
