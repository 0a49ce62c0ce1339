import { withReads, type Connection } from '../database/connection';
import { refuseForeignDatabase } from '../deploy/foreign-database';
import type { DeployOptions, Forecast, PlannedMigration } from '../deploy';
import { selectPending } from '../deploy/select';
import { inAppliedOrder, lookAtHistory } from '../history';
import type { KnownQuery, PendingLoss } from '../indexes';
import { FoldKeeper } from '../project/kept-fold';
import { namesOf, openProject } from '../project/project';
import { summarize, type Change, type SchemaSummary } from '../schema';
import type { LintReport } from './lint';
import type { planPending } from './plan-pending';

export interface PlanOptions extends DeployOptions {
  /**
   * The names of migrations that can no longer be corrected, so no lint rule checks them. The default is none. A function is called only if
   * migrations are pending.
   */
  readonly released?: readonly string[] | (() => Promise<readonly string[]>) | undefined;
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

/** The function that plans pending migrations. */
type PlanPending = typeof planPending;

/**
 * Does what `plan` does. The command line loads the code that plans migrations only if migrations are pending: this code is most of what
 * `plan` would load.
 * @param load returns the function that plans pending migrations
 */
export async function planWith(load: () => PlanPending, options: PlanOptions): Promise<PlanReport> {
  const started = performance.now();
  const project = openProject(options.folder, options.changelog);
  const keeper = options.keptFolds === undefined ? undefined : new FoldKeeper(options.keptFolds);
  const look = async (connection: Connection): Promise<PlanReport> => {
    const { db, server } = connection;
    if (!options.adopt) await refuseForeignDatabase(db);
    const statuses = await lookAtHistory(db, project.texts);
    const selection = selectPending(statuses, options);
    const isNothingPending = selection.pending.length === 0 && selection.left.length === 0;
    const kept = isNothingPending ? keeper?.read(project, namesOf(inAppliedOrder(statuses))) : undefined;
    const found = kept
      ? nothingPending(summarize(kept.schema))
      : await load()(connection, { options, project, statuses, selection, keeper });
    return { version: server.version, ...found, milliseconds: Math.round(performance.now() - started) };
  };
  return withReads(options, look, { longest: options.lookLimit });
}

/** The part of the report that depends on the migrations. */
export type PlanOfMigrations = Omit<PlanReport, 'version' | 'milliseconds'>;

/** With nothing pending, no rule has anything to check, and the schema remains as it is. */
function nothingPending(schema: SchemaSummary): PlanOfMigrations {
  const lint = { base: planBase, judged: [], findings: [], suppressed: [], errors: 0, warnings: 0 };
  return {
    pending: [],
    left: [],
    indexLosses: [],
    forecasts: [],
    lint,
    schemaChanges: [],
    before: schema,
    after: schema,
  };
}

/** What pending migrations are compared with, as the lint report names it. */
export const planBase = 'the database';
