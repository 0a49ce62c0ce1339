import path from 'node:path';
import { inAppliedOrder, lookAtHistory, readEvents } from '../history';
import { diffBetween, summarize, type Change, type SchemaSummary } from '../schema';
import type { Migration } from '../migration';
import { lint, type LintReport } from './lint';
import {
  foldIfTheyFit,
  forecastAll,
  planOn,
  refuseForeignDatabase,
  selectPending,
  type DeployOptions,
  type Forecast,
  type PlannedMigration,
} from '../deploy';
import type { KnownQuery, PendingLoss } from '../indexes';
import { openProject, ownMigrations } from '../project';
import { withReads, type Connection } from '../database';
import { pendingLosses } from './index-losses';

export interface PlanOptions extends DeployOptions {
  /** The names of migrations that can no longer be corrected, so no lint rule checks them. The default is none. */
  readonly released?: readonly string[] | undefined;
  /** The queries that applications send. The default is none. */
  readonly queries?: readonly KnownQuery[] | undefined;
}

export interface PlanReport {
  /** The version of the server. */
  readonly version: string;
  /** What a deploy would do now, in order. */
  readonly pending: readonly PlannedMigration[];
  /** Pending migrations after the target `to`, which the deploy would not apply. */
  readonly left: readonly string[];
  /** The lint findings for pending migrations that are not in `released`. Collections of applied migrations are assumed to contain data. */
  readonly lint: LintReport;
  /** The indexes that pending changes drop or hide, their use, and the known queries that lose them. */
  readonly indexLosses: readonly PendingLoss[];
  /** The expected times of index builds and backfills on this server. */
  readonly forecasts: readonly Forecast[];
  /** The changes from the schema of the applied migrations to the schema after the pending ones. */
  readonly schemaChanges: readonly Change[];
  readonly before?: SchemaSummary;
  readonly after?: SchemaSummary;
  /** Why the changes of the schema are unknown: migrations may not fit together if a file was accepted as edited or missing. */
  readonly obstacle?: string;
  readonly milliseconds: number;
}

/**
 * Returns what a deploy would do now: every pending change compared with the live schema, and its effect on the live data.
 * Writes nothing, and needs only the right to read.
 * @throws error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in the place of a change
 */
export async function plan(options: PlanOptions): Promise<PlanReport> {
  const started = performance.now();
  const { released = [], queries = [] } = options;
  const project = openProject(options.folder, options.changelog);
  const look = async ({ db, server }: Connection): Promise<PlanReport> => {
    if (!options.adopt) await refuseForeignDatabase(db);
    const statuses = await lookAtHistory(db, project.texts);
    const { pending: selected, left } = selectPending(statuses, options);
    const migrations = project.load();
    const byName = new Map(migrations.map((one) => [one.name, one]));
    const pick = (names: readonly string[]) => names.flatMap((wanted) => byName.get(wanted) ?? []);
    const isSelected = new Set(selected);
    const names = inAppliedOrder(statuses).flatMap(({ name }) => (isSelected.has(name) ? [] : [name]));
    const [applied, pending] = [pick(names), pick(selected)];
    // With nothing pending, there is nothing to compare with the database.
    const planned =
      pending.length === 0
        ? []
        : await planOn(db, migrations, pending, {
            maxTimeMS: options.lookLimit,
            trial: { isReplicaSet: server.isReplicaSet, mayWrite: false },
          });
    return {
      version: server.version,
      pending: planned,
      left,
      indexLosses: await pendingLosses(options, db, planned, { queries, applied }),
      forecasts: await forecastAll(db, planned, pending, () => readEvents(db)),
      lint: lint([...applied, ...pending], {
        base: { label: 'the database', names: [...names, ...selected.filter((name) => released.includes(name))] },
        project: path.dirname(options.folder ?? ownMigrations),
      }),
      ...compareFolds(applied, pending),
      milliseconds: Math.round(performance.now() - started),
    };
  };
  return withReads(options, look, { longest: options.lookLimit });
}

function compareFolds(
  applied: readonly Migration[],
  pending: readonly Migration[],
): Pick<PlanReport, 'schemaChanges' | 'before' | 'after' | 'obstacle'> {
  const [before, after] = [foldIfTheyFit(applied), foldIfTheyFit([...applied, ...pending])];
  const obstacle = [before, after].find((fold) => typeof fold === 'string');
  if (typeof before === 'string' || typeof after === 'string')
    return { schemaChanges: [], ...(obstacle && { obstacle }) };
  return {
    schemaChanges: diffBetween(
      before,
      after,
      pending.flatMap(({ changes }) => changes),
    ),
    before: summarize(before),
    after: summarize(after),
  };
}
