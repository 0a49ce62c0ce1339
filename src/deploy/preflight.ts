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

/** A pending change, and how it compares with the live schema. */
export interface PlannedChange {
  readonly change: Change;
  readonly verdict: Verdict;
  readonly findings: readonly PreflightFinding[];
  /** Whether the change is checked later, because an earlier pending migration writes to the collection or renames it. */
  readonly isCheckedLater: boolean;
}

/** A data step that would run. */
export interface PlannedStep {
  /** The description of the step. */
  readonly what: string;
  /** The declared update of the step. */
  readonly update?: StepUpdate;
  /** The number of documents to update; undefined when it is not known yet, or took too long to count. */
  readonly matches?: number;
}

export interface PlannedMigration {
  readonly name: string;
  /** Set for a migration without verbs: what it does is unknown. */
  readonly isPlain?: true;
  readonly changes: readonly PlannedChange[];
  readonly dataSteps: readonly PlannedStep[];
  /** The findings about the data steps, such as values that a step would delete. */
  readonly dataFindings: readonly PreflightFinding[];
}

export interface PlanLimits extends Pick<LookOptions, 'maxTimeMS'> {
  readonly trial: Trial;
  /** The default is up. */
  readonly direction?: Direction;
}

/** What is planned: a whole migration, or what the `down` of a migration does. */
export type Plannable = Pick<Migration, 'name' | 'steps' | 'changes'>;

/** Reads the live schema, and plans the pending migrations on it. `all` are the migrations whose reference documents are read. */
export async function planOn(
  db: Db,
  all: readonly Plannable[],
  pending: readonly Plannable[],
  limits: PlanLimits,
): Promise<PlannedMigration[]> {
  // For a collection that no migration mentions, only the name of the collection is needed, and this user may not be allowed to read more.
  const indexes = namesOfChanges([...all, ...pending].flatMap(({ changes }) => changes));
  const live = await readSchema(db, { documents: documentKeysOf(all), indexes });
  return planMigrations(db, live, pending, limits);
}

/**
 * Compares pending migrations with the live schema, and checks the data that their changes depend on. Only reads. Migrations that follow a
 * plain migration are checked later, because the result of the plain migration is unknown.
 * @throws error with code `CONFLICT` when the database has something unexpected in the place of a change.
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
  /** Collections that are renamed. Nothing can be checked under their new names yet. */
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
        // If an earlier step writes to the collection, its documents do not exist yet, so this step is checked right before it runs.
        const isKnown = step.writes?.every((one) => !written.has(one) && !dropped.has(one) && !moved.has(one)) ?? false;
        // The effect of a validator or a unique index on documents is known only when the validator or the index is in place.
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
        // A collection that is renamed still has its old name.
        const collection = change.kind === 'collection.name' ? (change.from ?? '') : change.place.collection;
        const action = actionOf(change);
        const isPending = verdict === 'pending';
        // A collection that is dropped and re-created holds none of the present documents when this change is made.
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

/** Removes the parts of an update that only concern how the update runs. */
function told(update: StepUpdate | undefined): StepUpdate | undefined {
  if (!update) return undefined;
  const { collection, filter, update: change, once, isGenerated } = update;
  return { collection, filter, update: change, ...(once && { once }), ...(isGenerated && { isGenerated }) };
}

/** Returns a planned step. Without a database, nothing is counted. */
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
 * Refuses migrations that would fail. `allowDataLoss` names the migrations that may lose data.
 * @throws error with code `PREFLIGHT` that names each blocking finding and its migration.
 */
export function refuseBlocked(planned: readonly PlannedMigration[], allowDataLoss: readonly string[] = []): void {
  const blocking = findingsOf(planned).filter((one) => one.blocks && !isAllowed(one, allowDataLoss));
  if (blocking.length === 0) return;
  const losing = [...new Set(blocking.filter(isLoss).map(({ migration }) => migration))];
  const fixes = [
    ...(blocking.every(isLoss)
      ? []
      : [
          'correct the documents (for example with a backfill in an earlier migration), or change the migration; `plan` checks again',
        ]),
    ...(losing.length === 0
      ? []
      : [`to allow the deletion: \`deploy ${losing.map((name) => `--allow-data-loss ${name}`).join(' ')}\``]),
  ];
  throw new SchemaError(
    'PREFLIGHT',
    blocking.every(isLoss)
      ? 'A migration would delete data, so nothing was changed'
      : 'The existing documents would make a migration fail, so nothing was changed',
    { why: blocking.map((one) => `${one.migration}: ${describeFinding(one)}`), fix: fixes.join('; ') },
  );
}

/** A finding that concerns a migration which has not run yet. */
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

/** Returns the findings that do not stop a deploy, including allowed losses. These findings are printed before the deploy begins. */
export function warningsOf(
  planned: readonly PlannedMigration[],
  allowDataLoss: readonly string[] = [],
): MigrationFinding[] {
  return findingsOf(planned).filter((one) => !one.blocks || isAllowed(one, allowDataLoss));
}

/** Describes a finding: `index users.email_1: 2 values of email occur more than once (for instance 64… and 65…)`. */
export function describeFinding({ place, message, samples }: PreflightFinding): string {
  return `${place}: ${message}${samples.length > 0 ? ` (for instance ${samples.join('; ')})` : ''}`;
}
