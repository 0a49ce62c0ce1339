import { foldMigrations, type Migration } from '../../migration';
import { canonicalJson, diffBetween, summarize, type Schema, type SchemaSummary } from '../../schema';
import { explainChange, type ExplainedChange } from '../explain';
import type { KnownQuery } from '../../indexes';
import type { LintReport } from '../lint/types';
import type { Relation } from '../markdown';
import type { Snapshot, SnapshotDifference } from '../snapshot';
import type { ReportBase } from './base';
import { diagramOf } from './diagram';
import { describeMigrations, type ReportedMigration } from './migrations';

/** A pending change, compared with a real server. */
export interface LiveChange {
  readonly what: string;
  /** `pending`, `already` … */
  readonly verdict: string;
  /** What may happen during the change because of existing data. */
  readonly notes: readonly string[];
  /** Whether a deploy would stop at this change. */
  readonly stops: boolean;
}

/** What a deploy would do on a real server now; or the reason why this is unknown. */
export type LivePlan =
  | {
      readonly server: string;
      readonly pending: readonly { readonly name: string; readonly changes: readonly LiveChange[] }[];
    }
  | { readonly server: string; readonly problem: string };

/** The contents of the report of a pull request. */
export interface ReportData {
  readonly base: Pick<ReportBase, 'label' | 'commit'>;
  readonly added: readonly ReportedMigration[];
  /** Merged migrations whose text differs in this branch. */
  readonly altered: readonly string[];
  /** Merged migrations that are missing in this branch. */
  readonly removed: readonly string[];
  /** The changes from the schema of the base to the schema of the branch. */
  readonly changes: readonly ExplainedChange[];
  /** The changes as a mermaid diagram; empty when there are none. */
  readonly diagram: readonly string[];
  readonly before: SchemaSummary;
  readonly after: SchemaSummary;
  /** The number of changes that all migrations make on an empty server. */
  readonly allChanges: number;
  readonly allMigrations: number;
  /** Committed files that are out of date. */
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
  readonly relations?: readonly Relation[];
  /** The queries that applications send. */
  readonly queries?: readonly KnownQuery[];
  /** Reads a migration's source. Without this function, the report has no author comments and no line numbers. */
  readonly read?: ((migration: Migration) => string) | undefined;
}

/** Finds out what a branch does to the schema. */
export function gatherReport(sources: ReportSources): ReportData {
  const { base, migrations, snapshot, difference, lint, live, relations = [], queries = [], read } = sources;
  const merged = new Set(base.names);
  const isAltered = (name: string) => {
    const before = base.frozen[name];
    return before !== undefined && before.text !== snapshot.frozen[name]?.text;
  };
  const names = migrations.map(({ name }) => name);
  const altered = names.filter((name) => merged.has(name) && isAltered(name));
  const removed = base.names.filter((name) => !names.includes(name));
  const isSame = altered.length + removed.length === 0;
  const [before, after] = isSame ? foldedSides(sources, merged) : committedSides(sources);
  const made = migrations.flatMap(({ name, changes: some }) => (merged.has(name) ? [] : some));
  const changes = diffBetween(before, after, made);
  return {
    base: { label: base.label, commit: base.commit },
    added: describeMigrations(migrations, {
      isMerged: ({ name }) => merged.has(name),
      read: (migration) => read?.(migration) ?? '',
      queries,
    }),
    altered,
    removed,
    changes: changes.map(explainChange),
    diagram: diagramOf(changes, after, relations),
    before: summarize(before),
    after: summarize(after),
    allChanges: migrations.reduce((sum, migration) => sum + migration.changes.length, 0),
    allMigrations: migrations.length,
    stale: [...staleFrozen(difference), ...difference.stale],
    ...(lint && { lint }),
    ...(live && { live }),
  };
}

/** Returns the schema before and after the new migrations, from the files of this branch. Keeps BSON types and the order of names. */
function foldedSides({ migrations, snapshot }: ReportSources, merged: ReadonlySet<string>): [Schema, Schema] {
  return [foldMigrations(migrations.filter(({ name }) => merged.has(name))), snapshot.schema];
}

/** Returns both schemas in the form of schema.json, which contains less detail. Used when merged migrations were changed. */
function committedSides({ base, snapshot }: ReportSources): [Schema, Schema] {
  return [base.schema, JSON.parse(canonicalJson(snapshot.schema)) as Schema];
}

function staleFrozen({ added, altered, removed }: SnapshotDifference): string[] {
  return added.length + altered.length + removed.length > 0 ? ['migrations/frozen.json'] : [];
}
