import type { Db } from 'mongodb';
import { isDataStep, isPlain, type DataStep, type Direction, type Migration, type StepUpdate } from '../migration';
import {
  actionOf,
  countLeft,
  isLoss,
  judgePending,
  lookBefore,
  lookBeforeStep,
  refuseUncallable,
  WrittenCollections,
  type LookOptions,
  type PreflightFinding,
  type Trial,
  type Verdict,
} from '../execute';
import { apply, documentId, documentKeysOf, Draft, isNamedKind, namesIn, namesOfChanges, type Change } from '../schema';
import { readSchema, type LiveSchema } from '../database';
import { SchemaError } from '../support/schema-error';

/** A pending change, and how it stands to the live schema. */
export interface PlannedChange {
  readonly change: Change;
  readonly verdict: Verdict;
  readonly findings: readonly PreflightFinding[];
  /** Not looked at yet: an earlier pending migration writes to the collection, or renames it, and what counts is what it leaves. */
  readonly isCheckedLater: boolean;
}

/** A data step that would run. */
export interface PlannedStep {
  /** In words. */
  readonly what: string;
  /** What it updates, as far as it tells. */
  readonly update?: StepUpdate;
  /** How many documents have the update before them; absent where that is not known yet, or took too long to count. */
  readonly matches?: number;
}

export interface PlannedMigration {
  readonly name: string;
  /** It is written without verbs: nothing is planned of what it does. Absent where that is not so. */
  readonly isPlain?: true;
  readonly changes: readonly PlannedChange[];
  readonly dataSteps: readonly PlannedStep[];
  /** What its data steps would delete. */
  readonly dataFindings: readonly PreflightFinding[];
}

export interface PlanLimits extends Pick<LookOptions, 'maxTimeMS'> {
  readonly trial: Trial;
  /** Up unless given. */
  readonly direction?: Direction;
}

/** What is planned of a migration: all of one, or what its `down` does. */
export type Plannable = Pick<Migration, 'name' | 'steps' | 'changes'>;

/** Reads the live schema, and plans on it. `all` are the migrations whose reference documents are to be looked for. */
export async function planOn(
  db: Db,
  all: readonly Plannable[],
  pending: readonly Plannable[],
  limits: PlanLimits,
): Promise<PlannedMigration[]> {
  // Of a collection that no migration knows, nothing but its name counts, and this user may not be allowed to read more.
  const indexes = namesOfChanges([...all, ...pending].flatMap(({ changes }) => changes));
  const live = await readSchema(db, { documents: documentKeysOf(all), indexes });
  return planMigrations(db, live, pending, limits);
}

/**
 * Judges pending migrations against the live schema, and looks at the data that their changes depend on. Read-only. What comes
 * after a plain migration is checked later: nobody knows what that one leaves.
 * @throws error with code `CONFLICT` when something else stands in a change's place.
 */
export async function planMigrations(
  db: Db,
  live: LiveSchema,
  pending: readonly Plannable[],
  { direction = 'up', trial, ...limits }: PlanLimits,
): Promise<PlannedMigration[]> {
  for (const migration of pending) refuseUncallable(migration, direction);
  const [first] = pending.flatMap((migration, at) => (isPlain(migration) ? [at] : []));
  const verdicts = judgePending(live, pending.slice(0, first), direction);
  const draft = new Draft(live.schema);
  const written = new WrittenCollections();
  const dropped = new Set<string>();
  /** Under its next name nothing can be looked at yet. */
  const moved = new Set<string>();
  const touched = new Set<string>();
  const planned: PlannedMigration[] = [];
  for (const [at, { name, steps, changes: siblings }] of pending.entries()) {
    const isAfterPlain = first !== undefined && at > first;
    const changes: PlannedChange[] = [];
    const removed: Change<'document'>[] = [];
    const dataSteps: PlannedStep[] = [];
    const dataFindings: PreflightFinding[] = [];
    for (const step of steps) {
      if (isDataStep(step)) {
        // What an earlier step writes is not there yet: this one is looked at right before it runs.
        const isKnown = step.writes?.every((one) => !written.has(one) && !dropped.has(one) && !moved.has(one)) ?? false;
        // What a validator or a unique index says of its documents is not known before these are in place.
        const mayWrite = trial.mayWrite && (step.writes?.every((name) => !touched.has(name)) ?? false);
        if (isKnown) {
          dataFindings.push(
            ...(await lookBeforeStep(db, step, direction, { ...limits, trial: { ...trial, mayWrite } })),
          );
        }
        dataSteps.push(await planStep(isKnown ? db : undefined, step, direction, limits));
        written.add(step.writes);
        continue;
      }
      for (const change of step.changes) {
        const verdict = verdicts.get(change) ?? 'pending';
        // A collection that is renamed is there under the name that it has before.
        const collection = change.kind === 'collection.name' ? (change.from ?? '') : change.place.collection;
        const action = actionOf(change);
        const isPending = verdict === 'pending';
        // A collection that is made anew by then holds nothing of what is there now.
        const isThere = Object.hasOwn(live.schema, collection) && !dropped.has(collection);
        const isMoved = moved.has(collection) && !isNamedKind(change.kind);
        const isCheckedLater = isPending && (written.has(collection) || isMoved);
        const ids = removed.map(({ place }) => place).filter((place) => place.collection === collection);
        const findings =
          verdict !== 'already' && isThere && !isCheckedLater
            ? await lookBefore(db, change, {
                ...limits,
                draft,
                siblings,
                removed: ids.map(({ key }) => documentId(key)),
              })
            : [];
        changes.push({ change, verdict, findings, isCheckedLater });
        if (!isPending) continue;
        touched.add(collection);
        if (isAfterPlain) continue;
        if (change.kind === 'document' && change.to === undefined) removed.push(change);
        if (action === 'dropCollection') dropped.add(collection);
        if (change.kind === 'collection.name') for (const one of namesIn(change)) moved.add(one);
        apply(change, draft);
      }
    }
    planned.push({ name, ...(isPlain({ steps }) && { isPlain: true as const }), changes, dataSteps, dataFindings });
  }
  return planned;
}

/** Without what only says how it is carried out. */
function told(update: StepUpdate | undefined): StepUpdate | undefined {
  if (!update) return undefined;
  const { collection, filter, update: change, once, isGenerated } = update;
  return { collection, filter, update: change, ...(once && { once }), ...(isGenerated && { isGenerated }) };
}

/** A step as it is planned; without a database, nothing is counted. */
export async function planStep(
  db: Db | undefined,
  { describe, updates }: DataStep,
  direction: Direction,
  { maxTimeMS }: Pick<PlanLimits, 'maxTimeMS'> = {},
): Promise<PlannedStep> {
  const update = told(updates?.[direction]);
  const matches = db && update && (await countLeft(db, update, maxTimeMS));
  return { what: describe.join('; '), ...(update && { update }), ...(matches !== undefined && { matches }) };
}

/**
 * Refuses what the preflight knows would fail; `allowDataLoss` names the migrations that may lose documents.
 * @throws error with code `PREFLIGHT` naming each finding that blocks, and the migration that it blocks.
 */
export function refuseBlocked(planned: readonly PlannedMigration[], allowDataLoss: readonly string[] = []): void {
  const blocking = findingsOf(planned).filter((one) => one.blocks && !isAllowed(one, allowDataLoss));
  if (blocking.length === 0) return;
  const losing = [...new Set(blocking.filter(isLoss).map(({ migration }) => migration))];
  const fixes = [
    ...(blocking.every(isLoss)
      ? []
      : [
          'correct the documents (a backfill in an earlier migration can), or change the migration; `plan` looks again',
        ]),
    ...(losing.length === 0
      ? []
      : [
          `to lose what would be deleted, say so: \`deploy ${losing.map((name) => `--allow-data-loss ${name}`).join(' ')}\``,
        ]),
  ];
  throw new SchemaError(
    'PREFLIGHT',
    blocking.every(isLoss)
      ? 'A migration would delete what is there, so nothing was changed'
      : 'The documents that are there would make a migration fail, so nothing was changed',
    { why: blocking.map((one) => `${one.migration}: ${describeFinding(one)}`), fix: fixes.join('; ') },
  );
}

/** What a look found before a migration. */
export interface MigrationFinding extends PreflightFinding {
  readonly migration: string;
}

function findingsOf(planned: readonly PlannedMigration[]): MigrationFinding[] {
  return planned.flatMap(({ name, changes, dataFindings }) =>
    [...changes.flatMap(({ findings }) => findings), ...dataFindings].map((one) => ({ migration: name, ...one })),
  );
}

function isAllowed(finding: MigrationFinding, allowDataLoss: readonly string[]): boolean {
  return isLoss(finding) && allowDataLoss.includes(finding.migration);
}

/** The findings that do not stop a deploy and are printed before it begins, including the losses that it was allowed. */
export function warningsOf(
  planned: readonly PlannedMigration[],
  allowDataLoss: readonly string[] = [],
): MigrationFinding[] {
  return findingsOf(planned).filter((one) => !one.blocks || isAllowed(one, allowDataLoss));
}

/** `index users.email_1: 2 values of email are there more than once (for instance 64… and 65…)`. */
export function describeFinding({ place, message, samples }: PreflightFinding): string {
  return `${place}: ${message}${samples.length > 0 ? ` (for instance ${samples.join('; ')})` : ''}`;
}
