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
  /** Migrations that cannot be corrected any more, by name: no rule judges them. None unless given. */
  readonly released?: readonly string[] | undefined;
  /** What applications ask the server. None unless given. */
  readonly queries?: readonly KnownQuery[] | undefined;
}

export interface PlanReport {
  /** Of the server. */
  readonly version: string;
  /** What a deploy would do now, in order. */
  readonly pending: readonly PlannedMigration[];
  /** Pending migrations that `to` leaves for later. */
  readonly left: readonly string[];
  /** What the rules say of the pending migrations that are not released, to which the collections of the applied ones hold data. */
  readonly lint: LintReport;
  /** The indexes that the pending changes drop or hide, who uses them, and the known queries that lose them. */
  readonly indexLosses: readonly PendingLoss[];
  /** How long index builds and backfills will take on this server. */
  readonly forecasts: readonly Forecast[];
  /** How the schema of the migrations would change, from what is applied to what is pending. */
  readonly schemaChanges: readonly Change[];
  readonly before?: SchemaSummary;
  readonly after?: SchemaSummary;
  /** Why these are not known: a file that was accepted as edited or missing leaves migrations that do not fit. */
  readonly obstacle?: string;
  readonly milliseconds: number;
}

/**
 * What a deploy would do now: every pending change and how it stands to the live schema, and what the live data would make of
 * it. Writes nothing, and needs no more than the right to read.
 * @throws error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in a change's place.
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
    const pick = (names: readonly string[]) =>
      names.flatMap((wanted) => migrations.find(({ name }) => name === wanted) ?? []);
    const names = inAppliedOrder(statuses).flatMap(({ name }) => (selected.includes(name) ? [] : [name]));
    const [applied, pending] = [pick(names), pick(selected)];
    const planned = await planOn(db, migrations, pending, {
      maxTimeMS: options.lookLimit,
      trial: { isReplicaSet: server.isReplicaSet, mayWrite: false },
    });
    return {
      version: server.version,
      pending: planned,
      left,
      indexLosses: await pendingLosses(options, db, planned, queries),
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
