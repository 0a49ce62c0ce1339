import type { Dependencies, Frozen } from '../../project';
import type { Migration, Step, Suppression } from '../../migration';
import type { Location, Schema } from '../../schema';

export type Severity = 'error' | 'warning';

/** What is known to be out in the world already: merged migrations, or those that a server has applied. */
export interface Base {
  /** How people call it: `origin/main`. */
  readonly label: string;
  /** The migrations in it. Those are not judged, and collections that they made hold data. */
  readonly names: readonly string[];
  /** Those of them that this branch began with; one of these that is gone was deleted by it. All, unless given. */
  readonly shared?: readonly string[];
  /** How they were frozen there. */
  readonly frozen?: Frozen;
}

/** All migrations of the project, as far as they can be judged together. */
export interface History {
  readonly migrations: readonly Migration[];
  readonly base: Base | undefined;
  /** How migrations are frozen now. */
  readonly frozen: Frozen;
  /** sha256 of each migration's text now, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The first migration that does not fit the ones before it: nobody knows what comes after it. */
  readonly misfit: Misfit | undefined;
  readonly now: Date;
  /** What migrations depend on beside their text, by name. */
  readonly dependencies: Dependencies;
}

export interface Misfit {
  readonly migration: string;
  readonly location: Location | undefined;
  readonly message: string;
}

/** A suppression in a migration that is judged, once the other rules have spoken. */
export interface SuppressionUse {
  readonly migration: string;
  readonly step: Step;
  readonly suppression: Suppression;
  /** The rule that it names. */
  readonly rule: Pick<Rule, 'title' | 'final'> | undefined;
  /** The code that comes near, where it names none. */
  readonly near: string | undefined;
  /** Whether a finding was suppressed by it; unknown where the rule is silent without a base. */
  readonly isUsed: boolean | undefined;
}

/** One migration that is judged, and what stands around it. */
export interface Subject {
  readonly migration: Migration;
  /** Its source. */
  readonly text: string;
  /** The schema before it and after it. */
  readonly before: Schema;
  readonly after: Schema;
  /** All collections, as all migrations leave them. */
  readonly head: Schema;
  /** The migrations before it that are judged too: no server has applied them yet. */
  readonly earlier: readonly Migration[];
  /** Whether a collection was made by the base, and so may hold any number of documents. */
  readonly holdsData: (collection: string) => boolean;
  /** Whether no later migration changes a place, or what lies in it. */
  readonly isLastToChange: (location: Location) => boolean;
}

/** What a rule finds. */
export interface Violation<Names> {
  /** The step that may suppress it; any of the migration's, unless given. */
  readonly step?: Step;
  readonly location?: Location;
  /** From 1; looked for by the place's name unless given. */
  readonly line?: number;
  /** What is wrong here, as a sentence. */
  readonly message: string;
  /** What the safe way is filled in with. */
  readonly names: Names;
}

/** A violation in some migration: what a rule finds that judges the whole history. */
export interface HistoryViolation<Names> extends Violation<Names> {
  readonly migration: string;
}

/** What a person writes into the table of rules. */
export interface RuleDefinition<Names> {
  /** `SM004`. Never given to another rule. */
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  /** Why it matters. */
  readonly danger: string;
  /** Whether it speaks of data or of merged migrations, and so is silent without a base. */
  readonly needsBase?: true;
  /** Whether it holds without exception: `suppress` does not silence it. */
  readonly final?: true;
  /** The safe way, as code or advice with the names filled in. */
  readonly safe: (names: Names) => string;
  /** Names for the documentation. */
  readonly example: NoInfer<Names>;
  readonly check?: (subject: Subject) => Iterable<Violation<Names>>;
  readonly checkHistory?: (history: History) => Iterable<HistoryViolation<Names>>;
  readonly checkSuppressions?: (uses: readonly SuppressionUse[]) => Iterable<HistoryViolation<Names>>;
}

/** A rule whose names are its own affair. */
export interface Rule extends Pick<
  RuleDefinition<never>,
  'code' | 'severity' | 'title' | 'danger' | 'needsBase' | 'final'
> {
  /** The safe way, with the names of an example. */
  readonly example: string;
  readonly check: (subject: Subject) => Iterable<Rewritten<Violation<unknown>>>;
  readonly checkHistory: (history: History) => Iterable<Rewritten<HistoryViolation<unknown>>>;
  readonly checkSuppressions: (uses: readonly SuppressionUse[]) => Iterable<Rewritten<HistoryViolation<unknown>>>;
}

type Rewritten<T> = T & { readonly rewrite: string };

/** Closes a rule over the type of its names. */
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

/** A violation as it is reported. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly migration: string;
  /** From the project's folder, with slashes. */
  readonly file: string;
  readonly line: number;
  /** In words: `index users.email_1`. */
  readonly place?: string;
  readonly message: string;
  readonly rewrite: string;
}

/** A finding that its step was let off. */
export interface SuppressedFinding extends Finding {
  readonly reason: string;
}

export interface LintReport {
  /** What the migrations were compared with. */
  readonly base?: string;
  /** The names of the migrations that were judged. */
  readonly judged: readonly string[];
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  readonly errors: number;
  readonly warnings: number;
}
