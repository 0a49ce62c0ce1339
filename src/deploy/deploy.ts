import { inAppliedOrder, lookAtHistory, withRetry } from '../history';
import type { Migration } from '../migration';
import type { SchemaSummary } from '../schema';
import { refuseForeignDatabase } from './adopted';
import { carryOut } from './carry-out';
import { compareWithFold } from './compare';
import { withConnection } from './connection';
import { planOn, refuseBlocked, undetermined } from './preflight';
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
  /** How long a look at the data may take before its result is "not determined", in milliseconds. 30 s unless given. */
  readonly lookLimit?: number | undefined;
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
      const applied: RunMigration[] = [];
      try {
        await applyPending(run, migrations, pick(migrations, pending), options, (done) => applied.push(done));
      } catch (error) {
        throw Object.assign(error as Error, { left: [...pending.slice(applied.length), ...left] });
      }
      return { applied, left, ...(await compare(run, migrations, applied, options)) };
    },
    ({ db }) => (options.adopt ? Promise.resolve() : refuseForeignDatabase(db)),
  );
}

/** Looks at everything that is pending before the first write, then carries it out. */
async function applyPending(
  run: Run,
  migrations: readonly Migration[],
  pending: readonly Migration[],
  options: DeployOptions,
  onApplied: (applied: RunMigration) => void,
): Promise<void> {
  const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(migrations), name));
  const look = async (at: readonly Migration[]) => {
    const planned = await withRetry(() => planOn(run.db, migrations, at, { maxTimeMS: options.lookLimit }));
    refuseBlocked(planned, allowed);
    for (const message of undetermined(planned)) options.onEvent?.({ type: 'warning', message });
    return planned;
  };
  const planned = await look(pending);
  const block = Date.now();
  for (const [at, migration] of pending.entries()) {
    // What an earlier migration had yet to write can be looked at now.
    if (planned[at]?.changes.some(({ isCheckedLater }) => isCheckedLater)) await look([migration]);
    const allowDataLoss = allowed.includes(migration.name);
    onApplied(await carryOut(run, migration, 'up', { ...options, block, allowDataLoss }));
  }
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
