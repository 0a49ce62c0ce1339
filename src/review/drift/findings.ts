import type { Location } from '../../schema';

/** In what way a database can differ from its migrations. docs/review.md lists them with what each means. */
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
 * - drift: the database answers, refuses or forgets something else than the migrations say
 * - notice: worth knowing, and no more: an equal index under another name; a time series, which no migration could make; an
 *   empty collection that keeps a name taken; what a migration made whose file is gone, where a person accepted that; a
 *   collection or a view that no migration knows, where a plain one is applied
 */
export type Severity = 'drift' | 'notice';

const mild: ReadonlySet<FindingKind> = new Set(['index renamed', 'name kept taken', 'not a collection']);

export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** `index users.email_1` */
  readonly place: string;
  /** What the migrations lead to; absent where they lead to nothing. */
  readonly expected?: unknown;
  /** What is there; absent where nothing is. */
  readonly found?: unknown;
  /** What differs, one thing a line, where the two are too long to be compared by eye. */
  readonly words: readonly string[];
  /** The newest applied migration that made this place what it should be. */
  readonly migration?: string;
  /** What a person can do about it. */
  readonly fix: string;
  /** What brings back, in mongosh, what the migrations lead to. */
  readonly commands: readonly string[];
}

/** A finding, before it is known which migration is behind its place. */
export interface LocatedFinding extends Omit<Finding, 'severity' | 'migration'> {
  /** Absent where no migration can be behind it. */
  readonly location?: Location;
}

export function severityOf(kind: FindingKind): Severity {
  return mild.has(kind) ? 'notice' : 'drift';
}

/** What stands on either side of a finding; undefined where nothing does. */
export function sides(expected: unknown, found: unknown): Pick<Finding, 'expected' | 'found'> {
  return { ...(expected !== undefined && { expected }), ...(found !== undefined && { found }) };
}
