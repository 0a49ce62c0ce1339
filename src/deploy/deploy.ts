import { inAppliedOrder, lookAtHistory, withRetry } from '../history';
import type { Migration } from '../migration';
import type { SchemaSummary } from '../schema';
import { refuseForeignDatabase } from './adopted';
import { carryOut } from './carry-out';
import { compareWithFold } from './compare';
import { withConnection } from './connection';
import { planOn, refuseBlocked } from './preflight';
import { openProject, pick, resolveName } from './project';
import { withRun, type Run, type RunMigration, type RunOptions } from './run';
import { selectPending, type Selection } from './select';

export interface DeployOptions extends RunOptions, Selection {
  /** Goes on although the database holds collections and no changelog. */
  readonly adopt?: boolean | undefined;
  /** Drift that the run did not touch is an error, not a warning. */
  readonly strict?: boolean | undefined;
  /** The migrations that may drop collections that hold documents. */
  readonly allowDataLoss?: readonly string[] | undefined;
}

export interface DeployReport {
  readonly applied: readonly RunMigration[];
  /** Names of what is still pending: after `to`. */
  readonly left: readonly string[];
  /** What differs from the migrations, in places that this run did not touch. */
  readonly drift: readonly string[];
  /** What the database holds now, of what migrations make. */
  readonly schema: SchemaSummary;
}

/**
 * Applies what is pending, in order, under the lease, and records each migration in the changelog once it is done.
 * Running it again after a failure goes on where it stopped.
 * @throws Error with code `HISTORY` before anything is written, when the history is broken.
 * @throws Error with code `CONFLICT` or `PREFLIGHT` before anything is written, when the database or its data would make a
 * migration fail.
 * @throws Error with code `LOCKED` when another run holds the lease for too long, or this one loses it.
 * @throws Error with code `ABORTED` when it was stopped; `left` names what is still pending.
 */
export async function deploy(options: DeployOptions): Promise<DeployReport> {
  return withRun(
    'deploy',
    options,
    async (run) => {
      const { pending, left } = selectPending(run.statuses, options);
      const migrations = run.project.load();
      const selected = pick(migrations, pending);
      const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(migrations), name));
      const look = (at: readonly Migration[]) => withRetry(() => planOn(run.db, migrations, at));
      const planned = await look(selected);
      refuseBlocked(planned, allowed);
      const applied: RunMigration[] = [];
      const block = Date.now();
      for (const [at, migration] of selected.entries()) {
        const carried = async () => {
          if (planned[at]?.changes.some(({ isCheckedLater }) => isCheckedLater)) {
            refuseBlocked(await look([migration]), allowed);
          }
          return carryOut(run, migration, 'up', { ...options, block, allowDataLoss: allowed.includes(migration.name) });
        };
        applied.push(
          await carried().catch((error: unknown) => {
            throw Object.assign(error as Error, { left: [...pending.slice(at), ...left] });
          }),
        );
      }
      return { applied, left, ...(await compare(run, migrations, applied, options)) };
    },
    ({ db }) => (options.adopt ? Promise.resolve() : refuseForeignDatabase(db)),
  );
}

/**
 * What `deploy` would apply, in order; nothing is written, and no lease is taken.
 * @throws Error with code `HISTORY` when the history is broken.
 */
export async function pendingMigrations(options: DeployOptions): Promise<readonly string[]> {
  const { texts } = openProject(options.folder);
  return withConnection(options, async ({ db }) => {
    if (!options.adopt) await refuseForeignDatabase(db);
    return selectPending(await lookAtHistory(db, texts), options).pending;
  });
}

function namesOf(items: readonly { readonly name: string }[]): string[] {
  return items.map(({ name }) => name);
}

/** Compares the database with what the applied migrations lead to, in the order in which they were applied. */
async function compare(
  run: Run,
  migrations: readonly Migration[],
  applied: readonly RunMigration[],
  { strict = false, onEvent }: DeployOptions,
): Promise<Pick<DeployReport, 'drift' | 'schema'>> {
  const now = new Set(applied.map(({ name }) => name));
  const earlier = inAppliedOrder(run.statuses).filter(({ name }) => !now.has(name));
  const inOrder = [...earlier, ...applied].flatMap(({ name }) => migrations.find((one) => one.name === name) ?? []);
  const touched = inOrder.filter(({ name }) => now.has(name)).flatMap(({ changes }) => changes.map(({ at }) => at));
  const { wrong, drift, schema, obstacle } = await withRetry(() => compareWithFold(run.db, inOrder, touched));
  if (wrong.length > 0) {
    throw new Error(
      `Applied, but the database is not as it should be now: ${wrong.join(', ')}. Somebody else changed it.`,
    );
  }
  if (drift.length === 0 && obstacle === undefined) return { drift, schema };
  const message =
    obstacle === undefined
      ? `The database differs from its migrations, in places that this run did not touch: ${drift.join(', ')}.`
      : `The database cannot be compared with its migrations: ${obstacle}`;
  if (strict) throw new Error(`${message} What was pending is applied; --strict makes this an error.`);
  onEvent?.({ type: 'warning', message });
  return { drift, schema };
}
