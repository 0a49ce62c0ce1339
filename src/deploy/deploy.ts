import {
  describeAcceptedAsMissing,
  inAppliedOrder,
  isAcceptedAsMissing,
  lookAtHistory,
  type AcceptedAsMissing,
} from '../history';
import { explainCommand, withRetry } from '../database';
import { isPlain, type Migration } from '../migration/types';
import { FoldKeeper, type KeptFold } from '../project';
import { wirePlace, type SchemaSummary } from '../schema';
import { refuseForeignDatabase } from './foreign-database';
import type { applyPending } from './apply-pending';
import { compareUnfolded, compareWith, foldIfTheyFit, type Comparison } from './compare';
import type { Forecast } from './forecast';
import { withReads } from '../database/connection';
import type { MigrationFinding } from './preflight';
import { openProject, pick, resolveName, namesOf } from '../project/project';
import { withRun, type Run, type RunMigration, type RunOptions } from '../execute/run';
import { selectPending, type Selection } from './select';
import { SchemaError, withLeft } from '../support/schema-error';

export interface DeployOptions extends RunOptions, Selection {
  /** Continues although the database has collections and no changelog. */
  readonly adopt?: boolean | undefined;
  /** Reports drift in places that the run did not touch as an error instead of a warning. */
  readonly strict?: boolean | undefined;
  /** The migrations that may delete documents or values of fields. */
  readonly allowDataLoss?: readonly string[] | undefined;
  /**
   * The folder, for this user, that keeps the schema of the applied migrations, so that a run with nothing to apply need not load the
   * migrations. By default, nothing is kept.
   */
  readonly keptFolds?: string | undefined;
  /**
   * How long a check of the data may take, in milliseconds. If a check takes longer, its result is "not determined". The default is 30,000.
   */
  readonly lookLimit?: number | undefined;
}

export interface DeployReport {
  readonly applied: readonly RunMigration[];
  /** The findings about the data that did not stop the run, including losses that were allowed. */
  readonly findings: readonly MigrationFinding[];
  /** The expected times of index builds and backfills, computed before the first of them began. */
  readonly forecasts: readonly Forecast[];
  /** The migrations after `to`, which are still pending. */
  readonly left: readonly string[];
  /** The differences from the migrations, in places that this run did not touch. */
  readonly drift: readonly string[];
  /** A summary of what the database has now. */
  readonly schema: SchemaSummary;
}

/** The function that applies pending migrations. */
type ApplyPending = typeof applyPending;

/**
 * Does what `deploy` does. Most runs have nothing to apply, so the command line loads the code for it only when it is needed: this code is
 * a fifth of the files that `deploy` would load.
 * @param load returns the function that applies pending migrations
 */
export async function deployWith(load: () => ApplyPending, options: DeployOptions): Promise<DeployReport> {
  return withRun(
    'deploy',
    options,
    async (run) => {
      const { pending, left } = selectPending(run.statuses, options);
      const keeper = options.keptFolds === undefined ? undefined : new FoldKeeper(options.keptFolds);
      if (pending.length === 0 && (options.allowDataLoss ?? []).length === 0) {
        const kept = keeper?.read(run.project, namesOf(inAppliedOrder(run.statuses)));
        const nothing = { applied: [], findings: [], forecasts: [], left };
        if (kept) return { ...nothing, ...(await compare(run, { kept }, [], options)) };
      }
      const migrations = run.project.load();
      const applied: RunMigration[] = [];
      const findings: MigrationFinding[] = [];
      const forecasts: Forecast[] = [];
      try {
        const picked = pick(migrations, pending);
        const allowed = (options.allowDataLoss ?? []).map((name) => resolveName(namesOf(migrations), name));
        if (picked.length > 0) {
          await load()(run, migrations, picked, options, {
            allowed,
            onFound: (found) => findings.push(...found),
            onForecast: (found) => forecasts.push(...found),
            onApplied: (done) => applied.push(done),
          });
        }
      } catch (error) {
        throw withLeft(explainCommand(error), [...pending.slice(applied.length), ...left]);
      }
      return { applied, findings, forecasts, left, ...(await compare(run, { migrations, keeper }, applied, options)) };
    },
    { before: ({ db }) => (options.adopt ? Promise.resolve() : refuseForeignDatabase(db)) },
  );
}

/**
 * Returns what `deploy` would apply, in order. Writes nothing, and takes no lease.
 * @throws error with code `HISTORY` when the history is broken.
 */
export async function pendingMigrations(options: DeployOptions): Promise<readonly string[]> {
  return (await lookAtPending(options)).pending;
}

/** Returns the pending migrations, and lists the plain ones among them, which cannot be planned. */
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

/** The loaded migrations; or the kept schema of the migrations, which makes it unnecessary to load them. */
type Known =
  { readonly migrations: readonly Migration[]; readonly keeper: FoldKeeper | undefined } | { readonly kept: KeptFold };

/** Compares the database with the result of the applied migrations, in the order in which they were applied. */
async function compare(
  run: Run,
  known: Known,
  applied: readonly RunMigration[],
  { strict = false, onEvent }: DeployOptions,
): Promise<Pick<DeployReport, 'drift' | 'schema'>> {
  const missing = run.statuses.filter(isAcceptedAsMissing);
  for (const one of missing) onEvent?.({ type: 'warning', message: describeAcceptedAsMissing(one) });
  const look =
    'kept' in known ? () => compareWith(run.db, known.kept, [], missing) : comparing(run, known, applied, missing);
  const { wrong, drift, leftByDrops, schema, obstacle } = await withRetry(look, { signal: run.ending });
  for (const message of leftByDrops) onEvent?.({ type: 'warning', message });
  if (wrong.length > 0) {
    throw new SchemaError('DRIFT', 'The migrations are applied, but the database differs from their result', {
      why: `someone else changed ${wrong.join(', ')}`,
      fix: '`drift` shows each difference and how to remove it',
    });
  }
  if (drift.length === 0 && obstacle === undefined) return { drift, schema };
  const message =
    obstacle === undefined
      ? `The database differs from its migrations in places that this run did not touch: ${drift.join(', ')}.`
      : `The database cannot be compared with its migrations: ${obstacle}`;
  if (strict) {
    throw new SchemaError(
      'DRIFT',
      'The pending migrations are applied, but the database differs in other places, which is an error with --strict',
      {
        why: message,
        fix: '`drift` shows each difference and how to remove it',
      },
    );
  }
  onEvent?.({ type: 'warning', message });
  return { drift, schema };
}

/** Returns a function that compares the database with the result of loaded migrations. */
function comparing(
  run: Run,
  { migrations, keeper }: Extract<Known, { readonly migrations: unknown }>,
  applied: readonly RunMigration[],
  missing: readonly AcceptedAsMissing[],
): () => Promise<Comparison> {
  const now = new Set(namesOf(applied));
  const earlier = inAppliedOrder(run.statuses).filter(({ name }) => !now.has(name));
  const byName = new Map(migrations.map((one) => [one.name, one]));
  const inOrder = [...earlier, ...applied].flatMap(({ name }) => byName.get(name) ?? []);
  const kept = new Set(applied.flatMap(({ changes }) => changes.filter(isKept).map(({ at }) => at.join('\0'))));
  const touched = inOrder
    .filter(({ name }) => now.has(name))
    .flatMap(({ changes }) => changes.filter((change) => !kept.has(wirePlace(change).join('\0'))));
  const schema = foldIfTheyFit(inOrder);
  if (typeof schema === 'string') return () => compareUnfolded(run.db, inOrder, schema);
  const fold = { schema, isOfPlain: inOrder.some(isPlain) };
  keeper?.keep(run.project, namesOf([...earlier, ...applied]), fold);
  return () => compareWith(run.db, fold, touched, missing);
}
