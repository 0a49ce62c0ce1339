import { lookAtHistory } from '../history';
import { documentKeys, readSchema, summarize, diff, type Change, type SchemaSummary } from '../schema';
import { foldMigrations } from '../migration';
import {
  openProject,
  planMigrations,
  refuseForeignDatabase,
  selectPending,
  withConnection,
  type DeployOptions,
  type PlannedMigration,
} from '../deploy';

export interface PlanReport {
  /** What a deploy would do now, in order. */
  readonly pending: readonly PlannedMigration[];
  /** Pending migrations that `to` leaves for later. */
  readonly left: readonly string[];
  /** How the schema of the migrations would change, from what is applied to what is pending. */
  readonly schemaChanges: readonly Change[];
  readonly before: SchemaSummary;
  readonly after: SchemaSummary;
  readonly milliseconds: number;
}

/**
 * What a deploy would do now: every pending change and how it stands to the live schema, and what the live data would make of
 * it. Writes nothing, and needs no more than the right to read.
 * @throws Error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in a change's place.
 */
export async function plan(options: DeployOptions): Promise<PlanReport> {
  const started = performance.now();
  const project = openProject(options.folder);
  return withConnection(options, async ({ db }) => {
    if (!options.adopt) await refuseForeignDatabase(db);
    const statuses = await lookAtHistory(db, project.texts);
    const { pending: names, left } = selectPending(statuses, options);
    const migrations = project.load();
    const isIn = (list: readonly string[]) => migrations.filter(({ name }) => list.includes(name));
    const applied = isIn(statuses.filter(({ appliedAt }) => appliedAt).map(({ name }) => name));
    const pending = isIn(names);
    const [before, after] = [
      foldMigrations(applied),
      foldMigrations([...new Set([...applied, ...pending])].sort(byName)),
    ];
    const live = await readSchema(db, { documents: documentKeys(foldMigrations(migrations)) });
    return {
      pending: await planMigrations(db, live, pending),
      left,
      schemaChanges: diff(before, after),
      before: summarize(before),
      after: summarize(after),
      milliseconds: Math.round(performance.now() - started),
    };
  });
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}
