import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Dependencies, Frozen } from '../../project';
import type { Migration, Suppression } from '../../migration';
import { describePlace } from '../../schema';
import { nearestCode, ruleOf } from './find-rule';
import { lineOf } from './line-of';
import { rules } from './rules';
import { subjectsOf } from './subjects';
import type { Base, Finding, LintReport, Rule, SuppressedFinding, SuppressionUse, Violation } from './types';

export interface LintOptions {
  /**
   * The migrations that are already merged. With a base, only the other migrations are checked, and collections of the base are assumed
   * to contain data. Without a base, all migrations are checked, and databases are assumed to be empty before the first one.
   */
  readonly base?: Base | undefined;
  /** The folder to which the file names of findings are relative. */
  readonly project: string;
  /** The frozen migrations of this branch, to compare with the base. */
  readonly frozen?: Frozen;
  /** The sha256 of each migration's current text, by name, to compare with the base. */
  readonly texts?: ReadonlyMap<string, string>;
  /** What migrations depend on besides their text, by the migration's name: the clock, for example. */
  readonly dependencies?: Dependencies;
  /** The current time. */
  readonly now?: Date;
  /** Reads a migration's source. */
  readonly read?: (migration: Migration) => string;
}

type Reported = Violation<unknown> & { readonly rewrite: string };

/** Checks migrations against the rules. Needs no server. */
export function lint(migrations: readonly Migration[], options: LintOptions): LintReport {
  const {
    base,
    project,
    frozen = {},
    texts = new Map<string, string>(),
    now = new Date(),
    dependencies = new Map(),
  } = options;
  const read = options.read ?? (({ file }) => readFileSync(file, 'utf8'));
  const { subjects, misfit } = subjectsOf(migrations, base, read);
  const findings = new Findings(project, migrations, read);
  const history = { migrations, base, frozen, texts, misfit, now, dependencies };
  for (const rule of rules) {
    for (const found of rule.checkHistory(history)) findings.add(rule, found.migration, found);
  }
  for (const subject of subjects) {
    for (const rule of rules)
      for (const found of rule.check(subject)) findings.add(rule, subject.migration.name, found);
  }
  const judged = subjects.map(({ migration }) => migration);
  const uses = judged.flatMap((migration) => findings.usesOf(migration, base !== undefined));
  for (const rule of rules) {
    for (const found of rule.checkSuppressions(uses)) findings.add(rule, found.migration, found);
  }
  return {
    ...(base && { base: base.label }),
    judged: judged.map(({ name }) => name),
    ...findings.finish(),
  };
}

/** Collects findings, and records which suppressions are used. */
class Findings {
  readonly #findings: Finding[] = [];
  readonly #suppressed: SuppressedFinding[] = [];
  readonly #used = new Set<Suppression>();
  readonly #migrations: ReadonlyMap<string, Migration>;

  constructor(
    readonly project: string,
    migrations: readonly Migration[],
    readonly read: (migration: Migration) => string,
  ) {
    this.#migrations = new Map(migrations.map((migration) => [migration.name, migration]));
  }

  add(rule: Rule, name: string, found: Reported): void {
    const finding = this.#finding(rule, name, found);
    const steps = found.step ? [found.step] : (this.#migrations.get(name)?.steps ?? []);
    const suppression = rule.final
      ? undefined
      : steps.flatMap(({ suppressions = [] }) => suppressions).find(({ code }) => code === rule.code);
    if (!suppression) {
      this.#findings.push(finding);
      return;
    }
    this.#used.add(suppression);
    this.#suppressed.push({ ...finding, reason: suppression.reason });
  }

  /** Without a base, rules that need a base report nothing, so it is unknown whether their suppressions are used. */
  usesOf({ name: migration, steps }: Migration, hasBase: boolean): SuppressionUse[] {
    return steps.flatMap((step) =>
      (step.suppressions ?? []).map((suppression) => {
        const rule = ruleOf(suppression.code);
        const isKnown = this.#used.has(suppression) || hasBase || !rule?.needsBase;
        const isUsed = isKnown ? this.#used.has(suppression) : undefined;
        return { migration, step, suppression, rule, near: rule ? undefined : nearestCode(suppression.code), isUsed };
      }),
    );
  }

  finish(): Pick<LintReport, 'findings' | 'suppressed' | 'errors' | 'warnings'> {
    const findings = this.#findings.toSorted(inOrder);
    return {
      findings,
      suppressed: this.#suppressed.toSorted(inOrder),
      errors: findings.filter(({ severity }) => severity === 'error').length,
      warnings: findings.filter(({ severity }) => severity === 'warning').length,
    };
  }

  #finding({ code, severity, title }: Rule, name: string, { location, line, message, rewrite }: Reported): Finding {
    const migration = this.#migrations.get(name);
    return {
      code,
      severity,
      title,
      migration: name,
      file: migration ? path.relative(this.project, migration.file).replaceAll(path.sep, '/') : `migrations/${name}`,
      line: line ?? (migration && location ? lineOf(this.read(migration), location) : 1),
      ...(location && { place: describePlace(location) }),
      message,
      rewrite,
    };
  }
}

function inOrder(one: Finding, other: Finding): number {
  const byName = Number(one.migration > other.migration) - Number(one.migration < other.migration);
  return byName || one.line - other.line || Number(one.code > other.code) - Number(one.code < other.code);
}
