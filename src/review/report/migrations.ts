import { inOneLine } from '../../support/exact-bson';
import { irreversibleSteps, isDataStep, isOpaque, isPlain, type DataStep, type Migration } from '../../migration';
import { apply, Draft, type Change } from '../../schema';
import { lossOf, type KnownQuery } from '../../indexes';
import { explainChange, type ExplainedChange } from '../explain';
import { lineOf } from '../lint/line-of';
import { effectsOf } from './effects';

/** A new migration in the report. */
export interface ReportedMigration {
  readonly name: string;
  /** The author's comment; undefined when the file has none. */
  readonly why?: string;
  readonly changes: readonly ReportedChange[];
  readonly dataSteps: readonly ReportedStep[];
  /** The reasons that the migration gives for removing something and for suppressing a lint rule. */
  readonly reasons: readonly string[];
  /** Why `down` cannot undo the migration; empty when it can. */
  readonly irreversible: readonly string[];
  /** The collections that the migration renames. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** Whether the migration is written without verbs, so that what it does is unknown. */
  readonly isPlain: boolean;
}

/** A change of a migration, and its effects on a database in use. */
export interface ReportedChange extends ExplainedChange {
  /** The line of the migration's file that names the place of the change. The first line is 1. */
  readonly line: number;
  /** The query that an index serves. */
  readonly serves?: string;
  /** The known queries whose index this change drops or hides; undefined when there are none. */
  readonly losers?: readonly string[];
  /** Which operations wait during the change, and what may happen because of existing data. */
  readonly effect: string;
  /** What `down` does, and what it cannot restore. */
  readonly down: string;
}

/** A data step, in one or more lines. */
export interface ReportedStep {
  readonly lines: readonly string[];
  readonly down: string;
}

export interface MigrationSources {
  readonly isMerged: (migration: Migration) => boolean;
  /** Reads a migration's source. */
  readonly read: (migration: Migration) => string;
  /** The queries that applications send. */
  readonly queries: readonly KnownQuery[];
}

/** Describes the migrations that are not merged, each based on the schema that the earlier migrations create. */
export function describeMigrations(
  migrations: readonly Migration[],
  { isMerged, read, queries }: MigrationSources,
): ReportedMigration[] {
  const draft = new Draft({});
  const fresh = new Set<string>();
  return migrations.flatMap((migration) => {
    if (isMerged(migration)) {
      for (const change of migration.changes) apply(change, draft);
      return [];
    }
    const source = read(migration);
    const changes = describeChanges(migration, { draft, fresh, source, queries });
    return [describeMigration(migration, source, changes)];
  });
}

function describeMigration(
  { name, steps, changes: made }: Migration,
  source: string,
  changes: readonly ReportedChange[],
): ReportedMigration {
  const why = commentOf(source);
  const dataSteps = steps.filter(isDataStep);
  return {
    name,
    ...(why !== undefined && { why }),
    changes,
    dataSteps: dataSteps.map((step) => ({ lines: describeStep(step), down: wayBackOfStep(step) })),
    reasons: steps.flatMap(({ reason, suppressions = [], describe }) => [
      ...(reason === undefined || (describe.includes(reason) && dataSteps.length > 0) ? [] : [reason]),
      ...suppressions.map((one) => `${one.code} is suppressed: ${one.reason}`),
    ]),
    irreversible: irreversibleSteps(steps),
    renames: made.flatMap((change) =>
      change.kind === 'collection.name' ? [{ from: change.from ?? '', to: change.to ?? '' }] : [],
    ),
    isPlain: isPlain({ steps }),
  };
}

/** Describes the changes, and applies them to the draft of the schema. `fresh` contains the collections that are new and still empty. */
function describeChanges(
  { steps, changes: siblings }: Migration,
  {
    draft,
    fresh,
    source,
    queries,
  }: { readonly draft: Draft; readonly fresh: Set<string>; readonly source: string } & Pick<
    MigrationSources,
    'queries'
  >,
): ReportedChange[] {
  return steps.flatMap(({ changes, ...step }) =>
    changes.map((change: Change): ReportedChange => {
      const { effect, downFrom } = effectsOf(change, draft, siblings);
      const isFresh = fresh.has(change.place.collection);
      apply(change, draft);
      noteFresh(change, fresh);
      const explained = explainChange(change);
      const serves = 'serves' in step ? servedBy(change, step.serves ?? {}) : undefined;
      const { queries: losers = [] } = lossOf(change, siblings, queries) ?? {};
      return {
        ...explained,
        line: lineOf(source, change),
        ...(serves !== undefined && { serves }),
        ...(losers.length > 0 && { losers }),
        effect: isFresh ? 'nothing waits' : effect,
        down: downFrom(draft),
      };
    }),
  );
}

function noteFresh(change: Change, fresh: Set<string>): void {
  const { collection } = change.place;
  if (change.kind === 'collection' && change.from === undefined) fresh.add(collection);
  if (change.kind === 'collection' && change.to === undefined) fresh.delete(collection);
  if (change.kind === 'collection.name' && fresh.has(change.from ?? '')) fresh.add(change.to ?? '');
}

function servedBy(change: Change, serves: Readonly<Record<string, string>>): string | undefined {
  return change.kind === 'index' ? serves[`${change.place.collection}.${change.place.name}`] : undefined;
}

/** Returns the comment before the default export, in one line. */
function commentOf(source: string): string | undefined {
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export default\b/.exec(source) ?? [];
  const text = comment
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text;
}

/** Describes a step in words and, if known, the documents that it updates and how, as Extended JSON. */
function describeStep(step: DataStep): string[] {
  const lines = isOpaque(step) ? step.describe : step.describe.map((line) => `data: ${line}`);
  if (!step.updates?.up || step.updates.up.isGenerated) return [...lines];
  const { filter, update, once } = step.updates.up;
  return [
    ...lines,
    `documents that match ${inOneLine(filter)} get ${inOneLine(update)}${once ? ', each exactly once' : ''}`,
  ];
}

function wayBackOfStep({ undo }: DataStep): string {
  if (undo === undefined) return 'leaves the documents unchanged';
  return 'irreversible' in undo ? `refuses: ${undo.irreversible}` : 'undoes it';
}
