import path from 'node:path';
import type { Db } from 'mongodb';
import { openProject } from '../project';
import { withLeaseConnection, withRetry, type LeaseConnection, type Target } from '../database';
import { endingOf, giveUpLostReplies, releaseQuietly } from '../execute';
import {
  describeHolder,
  isBroken,
  lookAtHistory,
  readUnfinished,
  recorderFor,
  takeLease,
  unfinishedError,
  type Unfinished,
} from '../history';
import { ownCollections } from '../schema';
import { shown } from '../support/display-path';
import { reportOf, SchemaError } from '../support/schema-error';
import { checkArchive, type CheckedArchive } from './archive-reader';
import { isEncrypted } from './encryption';
import { finishSwap, persistently, undoSwap, type Meanwhile, type SwapWork } from './finish-swap';
import { removeLeftovers } from './leftovers';
import { replace } from './replace';
import { type RestoreOptions, type RestorePlan, isEmpty, planRestore, refuseNonEmpty } from './restore-plan';
import { judgeEvents } from './restored-history';
import { findTools } from './tools';

export interface RestoreReport extends RestorePlan, Partial<Meanwhile> {
  readonly dryRun: boolean;
  /** The path of the safety copy of the previous data. */
  readonly safety?: string;
  /** How many events of the backup's history were added, and how many were not, because an event here has the same number. */
  readonly events?: { readonly added: number; readonly leftOut: number };
  /** The migrations in the code that are not applied in the restored database. */
  readonly pending: readonly string[];
  readonly broken: readonly string[];
  readonly milliseconds: number;
}

/**
 * Restores a backup after checking every byte of it. The backup is loaded into temporary collections, which are compared with it and only
 * then exchanged with the present collections. The exchange takes milliseconds. Present collections are replaced only with `drop`. A
 * restore that fails leaves the database unchanged.
 * @throws error with code `DAMAGED` when the file is incomplete or changed; LOCKED while another run holds the lease; HISTORY while an
 *   earlier restore is unfinished; BACKUP when the restore fails; this error describes the state of the database
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const started = performance.now();
  refusePlainCopy(options);
  const events = judgeEvents();
  options.onEvent?.({ type: 'step', message: `checking ${shown(options.file)}` });
  const archive = await checkArchive(options.file, {
    wanted: { [ownCollections.history]: events.judge },
    maxSize: options.maxSize,
  });
  refuseOtherDatabase(archive, options);
  refuseOtherChangelog(archive, options);
  const above = Math.max(archive.manifest.token, events.largestToken());
  const tools = await findTools(options);
  return withLeaseConnection({ ...options, leaseSeconds: secondsOf(options) }, async (connection) => {
    const { bookkeeping } = connection;
    const plan = await withRetry(() => planRestore(bookkeeping, archive), options);
    refuseNonEmpty(plan, options);
    const report = { ...plan, dryRun: options.dryRun === true, pending: [], broken: [] };
    if (options.dryRun) return { ...report, milliseconds: performance.now() - started };
    if (!isEmpty(plan) && !(await options.confirm(plan))) {
      throw new SchemaError('BACKUP', 'Nothing was changed', {
        why: 'the person did not agree to replace the existing data',
      });
    }
    const purpose = `restore of ${path.basename(options.file)}`;
    const done = await withLease(connection, { ...options, purpose, above }, (work) =>
      replace(archive, { ...work, tools, options }),
    );
    return {
      ...report,
      ...done,
      ...(await migrationsOf(bookkeeping, options)),
      milliseconds: performance.now() - started,
    };
  });
}

/** The options to resume or undo a restore that was interrupted while it exchanged collections. */
export type UnfinishedOptions = Target &
  Pick<RestoreOptions, 'lockTimeout' | 'leaseSeconds' | 'migrations' | 'commit' | 'signal' | 'abandon' | 'onEvent'>;

export interface UnfinishedReport extends Meanwhile {
  /** The path of the backup; undefined when there was no unfinished restore. */
  readonly file?: string;
  readonly pending: readonly string[];
  readonly broken: readonly string[];
  readonly milliseconds: number;
}

/** Finishes a restore that was interrupted while it exchanged collections. It needs no file. */
export function resumeRestore(options: UnfinishedOptions): Promise<UnfinishedReport> {
  return endRestore(options, 'restore --resume', finishSwap);
}

/** Undoes a restore that was interrupted while it exchanged collections. It needs no file. */
export function undoRestore(options: UnfinishedOptions): Promise<UnfinishedReport> {
  return endRestore(options, 'restore --undo', undoSwap);
}

async function endRestore(
  options: UnfinishedOptions,
  purpose: string,
  end: (marker: Unfinished, work: SwapWork) => Promise<Meanwhile>,
): Promise<UnfinishedReport> {
  const started = performance.now();
  return withLeaseConnection({ ...options, leaseSeconds: secondsOf(options) }, async (connection) => {
    const nothing: Meanwhile & { readonly file?: string } = { written: [], aside: [], made: [] };
    const done = await withLease(connection, { ...options, purpose }, async (work) => {
      const marker = await persistently(work, (db) => readUnfinished(db));
      if (marker && !marker.swap) throw unfinishedError(marker, 'an earlier version of this tool began the restore');
      const meanwhile = marker ? { ...(await end(marker, work)), file: marker.file } : nothing;
      // Remove what a restore left behind that was interrupted before it changed anything.
      await persistently(work, (db) => removeLeftovers(db, () => work.lease.check()));
      return meanwhile;
    });
    const now = await migrationsOf(connection.bookkeeping, options);
    return { ...done, ...now, milliseconds: performance.now() - started };
  });
}

function secondsOf({ leaseSeconds = 30 }: Pick<RestoreOptions, 'leaseSeconds'>): number {
  return leaseSeconds;
}

async function migrationsOf(
  db: Db,
  { migrations, changelog, signal }: Pick<RestoreOptions, 'migrations' | 'changelog' | 'signal'>,
) {
  const { texts } = openProject(migrations, changelog);
  const statuses = await withRetry(() => lookAtHistory(db, texts), { signal });
  return {
    pending: statuses.filter(({ state }) => state === 'pending' || state === 'failed').map(({ name }) => name),
    broken: statuses.filter(isBroken).map(({ name }) => name),
  };
}

/** Refuses an unencrypted safety copy when the backup is encrypted: anyone could read the documents of the copy. */
function refusePlainCopy({ file, safetyCopy, dryRun, encryptTo, plainSafetyCopy }: RestoreOptions): void {
  if (!safetyCopy || dryRun || !isEncrypted(file) || encryptTo !== undefined || plainSafetyCopy) return;
  throw new SchemaError('USAGE', `Cannot restore ${shown(file)}`, {
    why: 'the backup is encrypted, but the safety copy of the existing data would not be encrypted',
    fix: 'name the recipient of the copy with --encrypt RECIPIENT, or allow an unencrypted copy with --plain-safety-copy',
  });
}

function refuseOtherDatabase({ manifest }: CheckedArchive, { file, database, isNamed }: RestoreOptions): void {
  if (isNamed || manifest.database === database) return;
  const [theirs, ours] = [JSON.stringify(manifest.database), JSON.stringify(database)];
  throw new SchemaError('BACKUP', `Cannot restore ${shown(file)} into the database ${ours}`, {
    why: `the file is a backup of the database ${theirs}`,
    fix: 'to restore the file into ${ours} nevertheless, name ${ours} with --database',
  });
}

/** Refuses a backup whose changelog has another name: the applied migrations would not be found after the restore. */
function refuseOtherChangelog({ manifest }: CheckedArchive, { file, changelog }: RestoreOptions): void {
  const usual = ownCollections.changelog;
  const [theirs, ours] = [manifest.migrations.changelog ?? usual, changelog ?? usual];
  if (theirs === ours) return;
  throw new SchemaError('BACKUP', `Cannot restore ${shown(file)}`, {
    why: `the changelog of the backup is the collection ${theirs}, but the changelog of this database is ${ours}`,
    fix:
      theirs === usual
        ? 'restore the file without MONGODB_CHANGELOG'
        : `restore the file with MONGODB_CHANGELOG=${theirs}`,
  });
}

interface LeaseFor extends Omit<UnfinishedOptions, 'url' | 'database'> {
  readonly purpose: string;
  /**
   * The new token must be greater than this: events are ordered by their token, and new events must come after all events of the backup.
   */
  readonly above?: number;
}

/** Runs `work` while it holds the lease. The work ends when the lease is lost or when the run is told to end, even if something hangs. */
async function withLease<T>(
  connection: LeaseConnection,
  options: LeaseFor,
  work: (work: SwapWork) => Promise<T>,
): Promise<T> {
  const { purpose, above, lockTimeout = 60_000, signal, onEvent, migrations, commit } = options;
  const ending = endingOf(connection, options);
  return ending.during(async () => {
    const lease = await takeLease(connection.bookkeeping, {
      purpose,
      seconds: secondsOf(options),
      timeout: lockTimeout,
      ...(above !== undefined && { above }),
      onWait: (holder) => onEvent?.({ type: 'waiting', holder: describeHolder(holder) }),
      ...(signal && { signal }),
    });
    ending.holding(lease);
    const replies = giveUpLostReplies(connection, lease, ending.signal, {
      leaseSeconds: secondsOf(options),
      onWarning: (message) => onEvent?.({ type: 'warning', message }),
    });
    try {
      const { bookkeeping, server } = connection;
      const origin = { server: server.version, folder: migrations, commit };
      const recorder = recorderFor(bookkeeping, lease.grant, origin, () => lease.check(), ending.signal);
      const result = await work({ connection, lease, ending: ending.signal, recorder, onEvent });
      if (ending.signal.aborted) throw endedLate(ending.signal.reason);
      replies.stop();
      await releaseQuietly(lease);
      return result;
    } catch (error) {
      await ending.giveUp(lease);
      throw error;
    } finally {
      replies.stop();
    }
  });
}

/** Returns an error for a run that ended after everything was in place, but before it could clean up. */
function endedLate(reason: unknown): SchemaError {
  const { code, summary, why = [] } = reportOf(reason);
  return new SchemaError(code === 'FAILED' ? 'BACKUP' : code, 'The restore ended before it had cleaned up', {
    why: [
      summary,
      ...why,
      'the database is complete, and everything is in place; collections that are no longer needed are left under names like replaced_… or restoring_…',
    ],
    fix: 'run `restore --undo`: because this restore is finished, it only removes these collections; the next restore would remove them too',
    cause: reason,
  });
}
