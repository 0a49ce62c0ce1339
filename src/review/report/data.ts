import { inOneLine } from '../../support/exact-bson';
import { isDataStep, isOpaque, isPlain, whyIrreversible, type DataStep, type Migration } from '../../migration';
import { diffBetween, summarize, type SchemaSummary } from '../../schema';
import { explainChange, type ExplainedChange } from '../explain';
import type { LintReport } from '../lint/types';
import type { Snapshot, SnapshotDifference } from '../snapshot';
import type { ReportBase } from './base';

/** A migration in a few lines. */
export interface ReportedMigration {
  readonly name: string;
  /** What its author says of it; absent where the file says nothing. */
  readonly why?: string;
  readonly lines: readonly string[];
  /** Why something is taken away, and why a rule was switched off. */
  readonly reasons: readonly string[];
  readonly changes: number;
  readonly dataSteps: number;
  /** Why `down` cannot undo it; empty where it can. */
  readonly irreversible: readonly string[];
  /** The collections that it renames; absent where there are none. */
  readonly renames?: readonly { readonly from: string; readonly to: string }[];
  /** It is written without verbs: nothing is known of what it does. */
  readonly isPlain: boolean;
}

/** A pending change, as it stands to a real server. */
export interface LiveChange {
  readonly what: string;
  /** `pending`, `already` … */
  readonly verdict: string;
  /** What the data that is there makes of it. */
  readonly notes: readonly string[];
  /** Whether a deploy would end here. */
  readonly stops: boolean;
}

/** What a deploy would do on a real server now; or why that is not known. */
export type LivePlan =
  | {
      readonly server: string;
      readonly pending: readonly { readonly name: string; readonly changes: readonly LiveChange[] }[];
    }
  | { readonly server: string; readonly problem: string };

/** Everything that the report of a pull request tells. */
export interface ReportData {
  readonly base: Pick<ReportBase, 'label' | 'commit'>;
  readonly added: readonly ReportedMigration[];
  /** Merged migrations whose text is another one here. */
  readonly altered: readonly string[];
  /** Merged migrations that are gone here. */
  readonly removed: readonly string[];
  readonly changes: readonly ExplainedChange[];
  readonly before: SchemaSummary;
  readonly after: SchemaSummary;
  /** How many changes all migrations make on an empty server. */
  readonly allChanges: number;
  readonly allMigrations: number;
  /** Committed files that are not what the migrations lead to. */
  readonly stale: readonly string[];
  readonly lint?: LintReport;
  readonly live?: LivePlan;
}

export interface ReportSources {
  readonly base: ReportBase;
  readonly migrations: readonly Migration[];
  readonly snapshot: Snapshot;
  readonly difference: SnapshotDifference;
  readonly lint?: LintReport | undefined;
  readonly live?: LivePlan | undefined;
  /** Reads a migration's source; what authors say is left out unless given. */
  readonly read?: ((migration: Migration) => string) | undefined;
}

/** Finds out what a branch does to the schema. */
export function gatherReport({ base, migrations, snapshot, difference, lint, live, read }: ReportSources): ReportData {
  const merged = new Set(base.names);
  const isAltered = (name: string) => {
    const before = base.frozen[name];
    return before !== undefined && before.text !== snapshot.frozen[name]?.text;
  };
  const names = migrations.map(({ name }) => name);
  return {
    base: { label: base.label, commit: base.commit },
    added: migrations
      .filter(({ name }) => !merged.has(name))
      .map((migration) => describeMigration(migration, read?.(migration) ?? '')),
    altered: names.filter((name) => merged.has(name) && isAltered(name)),
    removed: base.names.filter((name) => !names.includes(name)),
    changes: diffBetween(
      base.schema,
      snapshot.schema,
      migrations.flatMap(({ name, changes }) => (merged.has(name) ? [] : changes)),
    ).map(explainChange),
    before: summarize(base.schema),
    after: summarize(snapshot.schema),
    allChanges: migrations.reduce((sum, { changes }) => sum + changes.length, 0),
    allMigrations: migrations.length,
    stale: [...staleFrozen(difference), ...difference.stale],
    ...(lint && { lint }),
    ...(live && { live }),
  };
}

function describeMigration({ name, steps, changes }: Migration, source: string): ReportedMigration {
  const why = commentOf(source);
  const renames = changes.flatMap(({ kind, from, to }) =>
    kind === 'collection.name' ? [{ from: String(from), to: String(to) }] : [],
  );
  return {
    name,
    ...(why !== undefined && { why }),
    lines: steps.flatMap((step) => (isDataStep(step) ? describeStep(step) : step.describe)),
    reasons: steps.flatMap(({ reason, suppressions = [], describe }) => [
      ...(reason === undefined || describe.includes(reason) ? [] : [reason]),
      ...suppressions.map((one) => `${one.code} is switched off: ${one.reason}`),
    ]),
    changes: changes.length,
    dataSteps: steps.filter(isDataStep).length,
    irreversible: steps.flatMap((step) => whyIrreversible(step) ?? []),
    ...(renames.length > 0 && { renames }),
    isPlain: isPlain({ steps }),
  };
}

/** The comment in front of what a migration exports, in one line. */
function commentOf(source: string): string | undefined {
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export default\b/.exec(source) ?? [];
  const text = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text;
}

/** What it does in words and, where it tells, which documents it updates and how: as Extended JSON. */
function describeStep(step: DataStep): string[] {
  const lines = isOpaque(step) ? step.describe : step.describe.map((line) => `data: ${line}`);
  if (!step.updates?.up) return [...lines];
  const { filter, update, once } = step.updates.up;
  return [
    ...lines,
    `documents that match ${inOneLine(filter)} get ${inOneLine(update)}${once ? ', each exactly once' : ''}`,
  ];
}

function staleFrozen({ added, altered, removed }: SnapshotDifference): string[] {
  return added.length + altered.length + removed.length > 0 ? ['migrations/frozen.json'] : [];
}
