import type { ExplainedChange } from '../review/explain';
import type { Finding, SuppressedFinding } from '../review/lint';
import type { ErrorReport } from '../support/schema-error';

/** The result of a round for one migration. This is plain data, which processes exchange and `--json` prints. */
export interface RoundReport {
  readonly migration: string;
  /**
   * Whether nothing needs correction: the types are right, the migration can be loaded and its changes fit the schema, lint finds no error,
   * and every run succeeded.
   */
  readonly isGood: boolean;
  /** The time since the save. */
  readonly milliseconds: number;
  readonly types: TypesReport;
  readonly trial: TrialReport;
}

/** The type errors; or the reason why the types were not checked. */
export type TypesReport = { readonly problems: readonly TypeProblem[] } | { readonly notChecked: string };

export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * The results of the stages of a trial: loading the migration, computing its schema, linting and replaying. The results of stages after a
 * problem are missing.
 */
export interface TrialReport {
  /**
   * The changes that the migration makes to the schema, in words. Undefined when the migration cannot be loaded or its schema cannot be
   * computed.
   */
  readonly changes?: readonly ExplainedChange[];
  /** The findings of `lint`. */
  readonly lint?: LintFindings;
  /** The runs that succeeded, in order. */
  readonly moves: readonly MoveReport[];
  /** Why the migration cannot go down; empty when it can. */
  readonly irreversible: readonly string[];
  /** What stopped the trial. */
  readonly problem?: ErrorReport;
}

export interface LintFindings {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

export interface MoveReport {
  readonly title: string;
  readonly milliseconds: number;
}

/** Returns whether a round found no problem, apart from lint findings. */
export function isSound({ types, trial }: Pick<RoundReport, 'types' | 'trial'>): boolean {
  return trial.problem === undefined && (!('problems' in types) || types.problems.length === 0);
}

export function hasLintErrors({ lint }: Pick<TrialReport, 'lint'>): boolean {
  return lint?.findings.some(({ severity }) => severity === 'error') ?? false;
}
