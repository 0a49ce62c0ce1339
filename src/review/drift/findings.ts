import type { Location } from '../../schema';

/** How a database can differ from its migrations. docs/review.md lists these kinds and their meaning. */
export type FindingKind =
  | 'collection missing'
  | 'collection extra'
  | 'collection closed'
  | 'collection set aside'
  | 'name kept taken'
  | 'not a collection'
  | 'options differ'
  | 'validator missing'
  | 'validator extra'
  | 'validator differs'
  | 'validation level differs'
  | 'validation action differs'
  | 'index missing'
  | 'index extra'
  | 'index differs'
  | 'index renamed'
  | 'TTL differs'
  | 'index hidden'
  | 'index no longer hidden'
  | 'prepareUnique left on'
  | 'document missing'
  | 'document edited'
  | 'view missing'
  | 'view extra'
  | 'view differs'
  | 'migration missing';

/**
 * - drift: the database does not behave as the migrations define, in what it returns, refuses or deletes
 * - notice: only for information. The notices are: the same index under another name; a time series that no migration created; an
 *   empty placeholder collection; an object of a migration whose file is missing and was accepted as missing; a collection or a view
 *   that no migration mentions, when a plain migration (without verbs) is applied
 */
export type Severity = 'drift' | 'notice';

const mild: ReadonlySet<FindingKind> = new Set(['index renamed', 'name kept taken', 'not a collection']);

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** The place: `index users.email_1`. */
  readonly place: string;
  /** What the migrations define at this place; undefined when they define nothing there. */
  readonly expected?: unknown;
  /** What the database contains at this place; undefined when it contains nothing there. */
  readonly found?: unknown;
  /** The differences, one per line, when the two values are too long to compare by eye. */
  readonly words: readonly string[];
  /** The newest applied migration that changed this place. */
  readonly migration?: string;
  /** How to fix the difference. */
  readonly fix: string;
  /** The mongosh commands that restore the result of the migrations. */
  readonly commands: readonly string[];
}

/** A finding for which the responsible migration is not known yet. */
export interface LocatedFinding extends Omit<Finding, 'severity' | 'migration'> {
  /** The place of the finding; undefined when no migration can be responsible for it. */
  readonly location?: Location;
}

export function severityOf(kind: FindingKind): Severity {
  return mild.has(kind) ? 'notice' : 'drift';
}

/** Returns the expected and the found value of a finding, without a value that is undefined. */
export function sides(expected: unknown, found: unknown): Pick<Finding, 'expected' | 'found'> {
  return { ...(expected !== undefined && { expected }), ...(found !== undefined && { found }) };
}
