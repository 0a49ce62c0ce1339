import { withRetry } from '../database';
import type { Run, RunMigration } from '../execute/run';
import { readEvents } from '../history';
import type { Migration } from '../migration/types';
import { carryOut } from './carry-out';
import { deployWith, type DeployOptions, type DeployReport } from './deploy';
import { forecastAll, type Forecast } from './forecast';
import { describeForecast, takesLong } from './forecast-text';
import { describeFinding, planOn, refuseBlocked, warningsOf, type MigrationFinding } from './preflight';

/**
 * Takes the lease, applies the pending migrations in order, and records each one in the changelog once it is done. After a failure, call
 * `deploy` again to continue.
 * @throws error with code `HISTORY`, before anything is written, when the history is broken.
 * @throws error with code `CONFLICT` or `PREFLIGHT`, before anything is written, when the database or its data would make a
 * migration fail.
 * @throws error with code `LOCKED` when another run holds the lease for too long, or this run loses it.
 * @throws error with code `ABORTED` when the run was stopped; `left` lists the migrations that are still pending.
 */
export function deploy(options: DeployOptions): Promise<DeployReport> {
  return deployWith(() => applyPending, options);
}

/** Kinds of findings that need no action: an index build, which may take long, and an edited document, which stays unchanged. */
const notes: ReadonlySet<MigrationFinding['kind']> = new Set(['index build', 'edited row']);

/** The callbacks of a deploy, and the migrations that may lose data. */
interface Told {
  readonly allowed: readonly string[];
  readonly onFound: (found: readonly MigrationFinding[]) => void;
  readonly onForecast: (found: readonly Forecast[]) => void;
  readonly onApplied: (applied: RunMigration) => void;
}

/** Checks all pending migrations before the first write, then runs them. */
export async function applyPending(
  run: Run,
  migrations: readonly Migration[],
  pending: readonly Migration[],
  options: DeployOptions,
  { allowed, onFound, onForecast, onApplied }: Told,
): Promise<void> {
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
    // Changes that depend on an earlier migration can be checked now.
    if (planned[index]?.changes.some(({ isCheckedLater }) => isCheckedLater)) await look([migration]);
    const allowDataLoss = allowed.includes(migration.name);
    onApplied(await carryOut(run, migration, 'up', { ...options, block, allowDataLoss }));
  }
}
