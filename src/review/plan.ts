import path from 'node:path';
import { lookAtHistory } from '../history';
import { diff, summarize, type Change, type SchemaSummary } from '../schema';
import { foldMigrations } from '../migration';
import { lint, type LintReport } from './lint';
import {
  openProject,
  ownMigrations,
  planOn,
  refuseForeignDatabase,
  selectPending,
  withConnection,
  type DeployOptions,
  type PlannedMigration,
} from '../deploy';

export interface PlanReport {
  /** Of the server. */
  readonly version: string;
  /** What a deploy would do now, in order. */
  readonly pending: readonly PlannedMigration[];
  /** Pending migrations that `to` leaves for later. */
  readonly left: readonly string[];
  /** What the rules say of the pending migrations, to which the collections of the applied ones hold data. */
  readonly lint: LintReport;
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
  return withConnection(options, async ({ db, server }) => {
    if (!options.adopt) await refuseForeignDatabase(db);
    const statuses = await lookAtHistory(db, project.texts);
    const { pending: selected, left } = selectPending(statuses, options);
    const migrations = project.load();
    const isIn = (list: readonly string[]) => migrations.filter(({ name }) => list.includes(name));
    const applied = isIn(
      statuses.flatMap(({ name, appliedAt }) => (appliedAt && !selected.includes(name) ? [name] : [])),
    );
    const pending = isIn(selected);
    const [before, after] = [foldMigrations(applied), foldMigrations([...applied, ...pending].sort(byName))];
    const names = applied.map(({ name }) => name);
    const judged = lint([...applied, ...pending].sort(byName), {
      base: { label: 'the database', names },
      project: path.dirname(options.folder ?? ownMigrations),
    });
    return {
      version: server.version,
      pending: await planOn(db, migrations, pending),
      left,
      lint: judged,
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
