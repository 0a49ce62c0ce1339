import { describeAcceptedAsMissing, inAppliedOrder, isAcceptedAsMissing, lookAtHistory, readEvents } from '../history';
import { explainCommand, withRetry } from '../database';
import type { Migration } from '../migration';
import { wirePlace, type SchemaSummary } from '../schema';
import { refuseForeignDatabase } from './foreign-database';
import { carryOut } from './carry-out';
import { compareWithFold } from './compare';
import { forecastAll, type Forecast } from './forecast';
import { describeForecast, takesLong } from './forecast-text';
import { withReads } from '../database/connection';
import { describeFinding, planOn, refuseBlocked, warningsOf, type MigrationFinding } from './preflight';
import { openProject, pick, resolveName, namesOf } from '../project/project';
import { withRun, type Run, type RunMigration, type RunOptions } from '../execute/run';
import { selectPending, type Selection } from './select';
import { SchemaError, withLeft } from '../support/schema-error';

export interface DeployOptions extends RunOptions, Selection {
  /** Goes on although the database holds collections and no changelog. */
  readonly adopt?: boolean | undefined;
  /** Drift that the run did not touch is an error, not a warning. */
  readonly strict?: boolean | undefined;
  /** The migrations that may delete documents, or values of fields. */
  readonly allowDataLoss?: readonly string[] | undefined;
  /** How long a look at the data may take before its result is "not determined", in milliseconds. 30 s unless given. */
  readonly lookLimit?: number | undefined;
}

export interface DeployReport {
  readonly applied: readonly RunMigration[];
  /** What the looks at the data found that did not stop it, losses that were allowed included. */
  readonly findings: readonly MigrationFinding[];
  /** How long index builds and backfills were expected to take, before the first of them began. */
  readonly forecasts: readonly Forecast[];
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
 * @throws error with code `HISTORY` before anything is written, when the history is broken.
 * @throws error with code `CONFLICT` or `PREFLIGHT` before anything is written, when the database or its data would make a
 * migration fail.
 * @throws error with code `LOCKED` when another run holds the lease for too long, or this one loses it.
 * @throws error with code `ABORTED` when it was stopped; `left` names what is still pending.
 */
export async function deploy(options: DeployOptions): Promise<DeployReport> {
  return withRun(
    'deploy',
    options,
    async (run) => {
      const { pending, left } = selectPending(run.statuses, options);
      const migrations = run.project.load();
      const applied: RunMigration[] = [];
      const findings: MigrationFinding[] = [];
      const forecasts: Forecast[] = [];
      try {
        await applyPending(run, migrations, pick(migrations, pending), options, {
          onFound: (found) => findings.push(...found),
          onForecast: (found) => forecasts.push(...found),
          onApplied: (done) => applied.push(done),
        });
      } catch (error) {
        throw withLeft(explainCommand(error), [...pending.slice(applied.length), ...left]);
      }
      return { applied, findings, forecasts, left, ...(await compare(run, migrations, applied, options)) };
    },
    { before: ({ db }) => (options.adopt ? Promise.resolve() : refuseForeignDatabase(db)) },
  );
}

/** No cause for worry: one tells how long it may take, the other that nothing is done. */
const notes: ReadonlySet<MigrationFinding['kind']> = new Set(['index build', 'edited row']);

interface Told {
  readonly onFound: (found: readonly MigrationFinding[]) => void;
  readonly onForecast: (found: readonly Forecast[]) => void;
  readonly onApplied: (applied: RunMigration) => void;
}

/** Looks at everything that is pending before the first write, then carries it out. */
async function applyPending(
  run: Run,
  migrations: readonly Migration[],
  pending: readonly Migration[],
  options: DeployOptions,
  { onFound, onForecast, onApplied }: Told,
): Promise<void> {
  const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(migrations), name));
  const look = async (some: readonly Migration[]) => {
    const trial = { isReplicaSet: run.server.isReplicaSet, mayWrite: true };
    const planned = await withRetry(() => planOn(run.db, migrations, some, { maxTimeMS: options.lookLimit, trial }), {
      signal: run.ending,
    });
    refuseBlocked(planned, allowed);
    const found = warningsOf(planned, allowed);
    for (const one of found) {
      const type = notes.has(one.kind) ? 'note' : 'warning';
      options.onEvent?.({ type, message: `${one.migration}: ${describeFinding(one)}` });
    }
    onFound(found);
    return planned;
  };
  const planned = await look(pending);
  const forecasts = await withRetry(() => forecastAll(run.db, planned, pending, () => readEvents(run.bookkeeping)), {
    signal: run.ending,
  });
  for (const one of forecasts.filter(takesLong)) {
    options.onEvent?.({ type: 'note', message: `${one.migration}: ${describeForecast(one)}` });
  }
  onForecast(forecasts);
  const block = Date.now();
  for (const [index, migration] of pending.entries()) {
    // What an earlier migration had yet to write can be looked at now.
    if (planned[index]?.changes.some(({ isCheckedLater }) => isCheckedLater)) await look([migration]);
    const allowDataLoss = allowed.includes(migration.name);
    onApplied(await carryOut(run, migration, 'up', { ...options, block, allowDataLoss }));
  }
}

/**
 * What `deploy` would apply, in order; nothing is written, and no lease is taken.
 * @throws error with code `HISTORY` when the history is broken.
 */
export async function pendingMigrations(options: DeployOptions): Promise<readonly string[]> {
  return (await lookAtPending(options)).pending;
}

/** The same, and which of them are plain: of those nothing can be planned. */
export async function lookAtPending(
  options: DeployOptions,
): Promise<{ readonly pending: readonly string[]; readonly plain: readonly string[] }> {
  const { texts } = openProject(options.folder, options.changelog);
  return withReads(options, async ({ db }) => {
    if (!options.adopt) await refuseForeignDatabase(db);
    const { pending } = selectPending(await lookAtHistory(db, texts), options);
    return { pending, plain: namesOf(texts.filter(({ name, isPlain }) => pending.includes(name) && isPlain?.())) };
  });
}

function isKept({ outcome }: RunMigration['changes'][number]): boolean {
  return outcome === 'kept';
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
  const kept = new Set(applied.flatMap(({ changes }) => changes.filter(isKept).map(({ at }) => at.join('\0'))));
  const touched = inOrder
    .filter(({ name }) => now.has(name))
    .flatMap(({ changes }) => changes.filter((change) => !kept.has(wirePlace(change).join('\0'))));
  const missing = run.statuses.filter(isAcceptedAsMissing);
  for (const one of missing) onEvent?.({ type: 'warning', message: describeAcceptedAsMissing(one) });
  const { wrong, drift, leftByDrops, schema, obstacle } = await withRetry(
    () => compareWithFold(run.db, inOrder, touched, missing),
    {
      signal: run.ending,
    },
  );
  for (const message of leftByDrops) onEvent?.({ type: 'warning', message });
  if (wrong.length > 0) {
    throw new SchemaError('DRIFT', 'The migrations are applied, and the database is not what they lead to', {
      why: `somebody else changed ${wrong.join(', ')}`,
      fix: '`drift` shows each difference and how to remove it',
    });
  }
  if (drift.length === 0 && obstacle === undefined) return { drift, schema };
  const message =
    obstacle === undefined
      ? `The database differs from its migrations, in places that this run did not touch: ${drift.join(', ')}.`
      : `The database cannot be compared with its migrations: ${obstacle}`;
  if (strict) {
    throw new SchemaError('DRIFT', 'What was pending is applied, and --strict makes a difference elsewhere an error', {
      why: message,
      fix: '`drift` shows each difference and how to remove it',
    });
  }
  onEvent?.({ type: 'warning', message });
  return { drift, schema };
}
