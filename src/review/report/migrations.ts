import { inOneLine } from '../../support/exact-bson';
import { irreversibleSteps, isDataStep, isOpaque, isPlain, type DataStep, type Migration } from '../../migration';
import { apply, Draft, type Change } from '../../schema';
import { lossOf, type KnownQuery } from '../../indexes';
import { explainChange, type ExplainedChange } from '../explain';
import { lineOf } from '../lint/line-of';
import { effectsOf } from './effects';

/** What a new migration does. */
export interface ReportedMigration {
  readonly name: string;
  /** What its author says of it; absent where the file says nothing. */
  readonly why?: string;
  readonly changes: readonly ReportedChange[];
  readonly dataSteps: readonly ReportedStep[];
  /** The reasons that the migration gives for removing something and for suppressing a lint rule. */
  readonly reasons: readonly string[];
  /** Why `down` cannot undo it; empty where it can. */
  readonly irreversible: readonly string[];
  /** The collections that it renames. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** It is written without verbs: nothing is known of what it does. */
  readonly isPlain: boolean;
}

/** A change of a migration, and what it means to a database that is in use. */
export interface ReportedChange extends ExplainedChange {
  /** Where the file names it, from 1. */
  readonly line: number;
  /** The query that an index is there for. */
  readonly serves?: string;
  /** The known queries whose index this change drops or hides. Absent where there are none. */
  readonly losers?: readonly string[];
  /** What waits while it is made, and what the data that is there could make of it. */
  readonly effect: string;
  /** What `down` does, and what it does not bring back. */
  readonly down: string;
}

/** A data step, in a line or more. */
export interface ReportedStep {
  readonly lines: readonly string[];
  readonly down: string;
}

export interface MigrationSources {
  readonly isMerged: (migration: Migration) => boolean;
  /** Reads a migration's source. */
  readonly read: (migration: Migration) => string;
  /** What applications ask the server. */
  readonly queries: readonly KnownQuery[];
}

/** What the migrations do that are not merged, each on the schema that the ones before it lead to. */
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
      ...suppressions.map((one) => `${one.code} is switched off: ${one.reason}`),
    ]),
    irreversible: irreversibleSteps(steps),
    renames: made.flatMap((change) =>
      change.kind === 'collection.name' ? [{ from: change.from ?? '', to: change.to ?? '' }] : [],
    ),
    isPlain: isPlain({ steps }),
  };
}

/** Makes the changes in the draft, too. `fresh` are the collections that are new by then, in which nothing is. */
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
  if (!step.updates?.up || step.updates.up.isGenerated) return [...lines];
  const { filter, update, once } = step.updates.up;
  return [
    ...lines,
    `documents that match ${inOneLine(filter)} get ${inOneLine(update)}${once ? ', each exactly once' : ''}`,
  ];
}

function wayBackOfStep({ undo }: DataStep): string {
  if (undo === undefined) return 'leaves the documents as they are';
  return 'irreversible' in undo ? `refuses: ${undo.irreversible}` : 'undoes it';
}
