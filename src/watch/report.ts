import type { ExplainedChange } from '../review/explain';
import type { Finding, SuppressedFinding } from '../review/lint';
import type { ErrorReport } from '../support/schema-error';

/** What a round finds out about one migration. Plain data: it goes from process to process, and `--json` prints it. */
export interface RoundReport {
  readonly migration: string;
  /** Whether nothing is to be corrected: no type is wrong, it loads and folds, lint finds no error, and every move went well. */
  readonly isGood: boolean;
  /** From the save on. */
  readonly milliseconds: number;
  readonly types: TypesReport;
  readonly trial: TrialReport;
}

/** Where TypeScript finds something wrong; a reason where it was not asked. */
export type TypesReport = { readonly problems: readonly TypeProblem[] } | { readonly notChecked: string };

export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What comes of loading, folding, judging and replaying; what comes after a problem is absent. */
export interface TrialReport {
  /** What leads from the schema before it to the one after it, in words. Absent where it cannot be loaded or folded. */
  readonly changes?: readonly ExplainedChange[];
  /** What `lint` says of it. */
  readonly lint?: LintFindings;
  /** The moves that went well, in order. */
  readonly moves: readonly MoveReport[];
  /** Why it does not go down; empty where it does. */
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

/** Whether nothing is wrong but what lint says. */
export function isSound({ types, trial }: Pick<RoundReport, 'types' | 'trial'>): boolean {
  return trial.problem === undefined && (!('problems' in types) || types.problems.length === 0);
}

export function hasLintErrors({ lint }: Pick<TrialReport, 'lint'>): boolean {
  return lint?.findings.some(({ severity }) => severity === 'error') ?? false;
}
