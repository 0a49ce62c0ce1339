import type { Dependencies, Frozen } from '../../project';
import type { Migration, Step, Suppression } from '../../migration';
import type { Location, Schema } from '../../schema';

export type Severity = 'error' | 'warning';

/** The migrations that may already be applied somewhere: merged migrations, or those that a server has applied. */
export interface Base {
  /** The name in messages: `origin/main`. */
  readonly label: string;
  /** The migrations in the base. They are not checked, and their collections are assumed to contain data. */
  readonly names: readonly string[];
  /** The migrations that existed when this branch began. If one of these is missing, the branch deleted it. The default is `names`. */
  readonly shared?: readonly string[];
  /** The entries of the migrations in the frozen.json of the base. */
  readonly frozen?: Frozen;
}

/** All migrations of the project, for rules that check them together. */
export interface History {
  readonly migrations: readonly Migration[];
  readonly base: Base | undefined;
  /** The frozen migrations of this branch. */
  readonly frozen: Frozen;
  /** The sha256 of each migration's current text, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The first migration whose changes do not fit the earlier migrations. The schema after this migration is unknown. */
  readonly misfit: Misfit | undefined;
  readonly now: Date;
  /** What migrations depend on besides their text, by the migration's name: the clock, for example. */
  readonly dependencies: Dependencies;
}

export interface Misfit {
  readonly migration: string;
  readonly location: Location | undefined;
  readonly message: string;
}

/** A suppression in a checked migration, and whether any other rule needed it. */
export interface SuppressionUse {
  readonly migration: string;
  readonly step: Step;
  readonly suppression: Suppression;
  /** The rule that the suppression names. */
  readonly rule: Pick<Rule, 'title' | 'final'> | undefined;
  /** A similar code, when the rule does not exist. */
  readonly near: string | undefined;
  /** Whether the suppression was used for a finding; undefined when the rule needs a base and no base is given. */
  readonly isUsed: boolean | undefined;
}

/** A migration to check, with its context. */
export interface Subject {
  readonly migration: Migration;
  /** The source code of the migration. */
  readonly text: string;
  /** The schema before and after the migration. */
  readonly before: Schema;
  readonly after: Schema;
  /** The schema after all migrations. */
  readonly head: Schema;
  /** Earlier migrations that are also checked. No server is assumed to have applied them. */
  readonly earlier: readonly Migration[];
  /** Returns whether a migration of the base created a collection. Such a collection may contain any number of documents. */
  readonly holdsData: (collection: string) => boolean;
  /** Returns true if no later migration changes a place or something inside it. */
  readonly isLastToChange: (location: Location) => boolean;
}

/** A finding of a rule. */
export interface Violation<Names> {
  /** The step that may suppress the finding. The default is any step of the migration. */
  readonly step?: Step;
  readonly location?: Location;
  /** The line number; the first line is 1. The default is the line that names the place. */
  readonly line?: number;
  /** The problem, as a sentence. */
  readonly message: string;
  /** The names, such as those of a collection and an index, that `safe` inserts into its text. */
  readonly names: Names;
}

/** A finding of a rule that checks the whole history. */
export interface HistoryViolation<Names> extends Violation<Names> {
  readonly migration: string;
}

/** An entry in the table of rules. */
export interface RuleDefinition<Names> {
  /** The code, such as `SM004`. The code of a removed rule is never used again. */
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  /** Why the rule matters. */
  readonly danger: string;
  /** Whether the rule needs a base, because it concerns data or merged migrations. Without a base, the rule reports nothing. */
  readonly needsBase?: true;
  /** Whether the rule cannot be suppressed. */
  readonly final?: true;
  /** Returns the safe way to make the change, as code or advice with the names filled in. */
  readonly safe: (names: Names) => string;
  /** Names for the documentation. */
  readonly example: NoInfer<Names>;
  readonly check?: (subject: Subject) => Iterable<Violation<Names>>;
  readonly checkHistory?: (history: History) => Iterable<HistoryViolation<Names>>;
  readonly checkSuppressions?: (uses: readonly SuppressionUse[]) => Iterable<HistoryViolation<Names>>;
}

/** A rule without the type parameter of `RuleDefinition`. */
export interface Rule extends Pick<
  RuleDefinition<never>,
  'code' | 'severity' | 'title' | 'danger' | 'needsBase' | 'final'
> {
  /** The safe way to make the change, with example names. */
  readonly example: string;
  readonly check: (subject: Subject) => Iterable<Rewritten<Violation<unknown>>>;
  readonly checkHistory: (history: History) => Iterable<Rewritten<HistoryViolation<unknown>>>;
  readonly checkSuppressions: (uses: readonly SuppressionUse[]) => Iterable<Rewritten<HistoryViolation<unknown>>>;
}

type Rewritten<T> = T & { readonly rewrite: string };

/** Makes a rule from a definition. The rule no longer has the type parameter, so rules with different names fit into one list. */
export function rule<Names>(definition: RuleDefinition<Names>): Rule {
  const { safe, example, check, checkHistory, checkSuppressions, ...others } = definition;
  const rewritten = <T extends Violation<Names>>(violations: Iterable<T>) =>
    [...violations].map((violation) => ({ ...violation, rewrite: safe(violation.names) }));
  return {
    ...others,
    example: safe(example),
    check: (subject) => rewritten(check?.(subject) ?? []),
    checkHistory: (history) => rewritten(checkHistory?.(history) ?? []),
    checkSuppressions: (uses) => rewritten(checkSuppressions?.(uses) ?? []),
  };
}

/** A finding as it is reported. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly migration: string;
  /** The path relative to the project's folder, with slashes. */
  readonly file: string;
  readonly line: number;
  /** A description: `index users.email_1`. */
  readonly place?: string;
  readonly message: string;
  readonly rewrite: string;
}

/** A finding that was suppressed. */
export interface SuppressedFinding extends Finding {
  readonly reason: string;
}

export interface LintReport {
  /** The name of the base, if the migrations were compared with one. */
  readonly base?: string;
  /** The names of the migrations that were checked. */
  readonly judged: readonly string[];
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  readonly errors: number;
  readonly warnings: number;
}
