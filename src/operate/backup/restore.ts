import path from 'node:path';
import { openProject, refuseStopped, withConnection, type Connection, type Target } from '../../deploy';
import { describeHolder, isBroken, lookAtHistory, recorderFor, takeLease, type Lease } from '../../history';
import { messageOf } from '../../server';
import { ownCollections } from '../../schema';
import { checkArchive, type CheckedArchive } from './archive-reader';
import { backupBeforeRestore } from './backup';
import { backupError } from './errors';
import type { OnEvent } from './events';
import { buildIndexes, differentCounts, differentSchema, loadDocuments, type Destination } from './load';
import { shown } from './names';
import { dropAll, isEmpty, kept, planRestore, type RestorePlan } from './restore-plan';
import { restoreHistory } from './restored-history';
import { findTools, type Tools } from './tools';
import {
  clearUnfinished,
  describeUnfinished,
  markUnfinished,
  putMarker,
  readUnfinished,
  type Unfinished,
} from './unfinished';

export interface RestoreOptions extends Target {
  readonly file: string;
  /** Whether the target was named for this restore: else it must be the database that was backed up. */
  readonly isNamed?: boolean | undefined;
  /** Replaces what is there. */
  readonly drop?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  /** Where the safety copy goes; beside the file unless given. */
  readonly folder?: string | undefined;
  /** Asked before anything is removed. */
  readonly confirm: (plan: RestorePlan) => Promise<boolean>;
  /** How long to wait for the lease of another run, in milliseconds. A minute unless given. */
  readonly lockTimeout?: number | undefined;
  /** 2 to 30. 30 unless given. */
  readonly leaseSeconds?: number | undefined;
  /** The folder of the migrations; this repository's own unless given. */
  readonly migrations?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

export interface RestoreReport extends RestorePlan {
  readonly dryRun: boolean;
  /** What was there before. */
  readonly safety?: string;
  /** Of the backup's history: what was added to the one here, and what means something else here and was left out. */
  readonly events?: { readonly added: number; readonly leftOut: number };
  /** Migrations that the code has and the restored database lacks. */
  readonly pending: readonly string[];
  readonly broken: readonly string[];
  readonly milliseconds: number;
}

/**
 * Restores a backup that was checked to its last byte first. What is there is replaced only with `drop`, after a safety
 * copy was taken, and is put back when the restore fails half-way.
 * @throws Error with code `DAMAGED` for a file that cannot be trusted, `LOCKED` while another run holds the lease.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const started = performance.now();
  const history: Buffer[] = [];
  const wanted = { [ownCollections.history]: (bson: Buffer) => history.push(bson) };
  options.onEvent?.({ type: 'step', message: `checking ${shown(options.file)}` });
  const archive = await checkArchive(options.file, { wanted });
  refuseOtherDatabase(archive, options);
  const tools = await findTools();
  return withConnection(options, async (connection) => {
    const { db } = connection;
    const plan = await planRestore(db, archive);
    refuseNonEmpty(plan, options);
    const report = { ...plan, dryRun: options.dryRun === true, pending: [], broken: [] };
    if (options.dryRun) return { ...report, milliseconds: performance.now() - started };
    if (!isEmpty(plan) && !(await options.confirm(plan))) throw backupError('FAILED', 'Nothing was changed.');
    const done = await withLease(connection, archive, options, (lease) =>
      replace(archive, history, { connection, tools, lease, options }),
    );
    const statuses = await lookAtHistory(db, openProject(options.migrations).texts);
    return {
      ...report,
      ...done,
      pending: statuses.filter(({ state }) => state === 'pending' || state === 'failed').map(({ name }) => name),
      broken: statuses.filter(isBroken).map(({ name }) => name),
      milliseconds: performance.now() - started,
    };
  });
}

function refuseOtherDatabase({ manifest }: CheckedArchive, { file, database, isNamed }: RestoreOptions): void {
  if (isNamed || manifest.database === database) return;
  const [theirs, ours] = [JSON.stringify(manifest.database), JSON.stringify(database)];
  throw backupError(
    'FAILED',
    `${shown(file)} is a backup of the database ${theirs}, not of ${ours}. To restore it there, name it: --database.`,
  );
}

function refuseNonEmpty(plan: RestorePlan, { drop }: RestoreOptions): void {
  if (isEmpty(plan) || drop) return;
  const names = [...plan.replaced, ...plan.removed].map(({ name }) => name).join(', ');
  throw backupError(
    'FAILED',
    `The database ${JSON.stringify(plan.database)} is not empty (${names}). --drop replaces what is there, after a safety copy.`,
  );
}

async function withLease<T>(
  { heartbeat }: Connection,
  { manifest, file }: CheckedArchive,
  { leaseSeconds = 30, lockTimeout = 60_000, signal, onEvent }: RestoreOptions,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(heartbeat, {
    purpose: `restore of ${path.basename(file)}`,
    seconds: leaseSeconds,
    timeout: lockTimeout,
    // Events are ordered by it: what happens from now on comes after everything in the backup.
    above: manifest.token,
    onWait: (holder) => onEvent?.({ type: 'waiting', holder: describeHolder(holder) }),
    ...(signal && { signal }),
  });
  try {
    return await work(lease);
  } finally {
    await lease.release().catch(() => undefined);
  }
}

interface Work {
  readonly connection: Connection;
  readonly tools: Tools;
  readonly lease: Lease;
  readonly options: RestoreOptions;
}

async function replace(archive: CheckedArchive, history: readonly Buffer[], work: Work) {
  const { connection, lease, options } = work;
  const { db, server } = connection;
  const earlier = await readUnfinished(db);
  if (earlier) options.onEvent?.({ type: 'warning', message: describeUnfinished(earlier) });
  // Somebody may have been at work before the lease was taken.
  const plan = await planRestore(db, archive);
  refuseNonEmpty(plan, options);
  const safety = isEmpty(plan) ? undefined : await takeSafetyCopy(options);
  refuseStopped(options.signal);
  await lease.check();
  await markUnfinished(db, { file: path.resolve(options.file), safety });
  try {
    await fillWith(archive, work, options.signal);
    await refuseDifferences(archive, db);
    const recorder = recorderFor(db, lease.grant, server.version, () => lease.check());
    const reason = `${path.basename(archive.file)} of ${archive.manifest.created_at}`;
    const events = await restoreHistory(db, history, recorder, reason);
    await clearUnfinished(db);
    return { events, ...(safety !== undefined && { safety }) };
  } catch (error) {
    throw await putBack(error, safety, earlier, work);
  }
}

async function takeSafetyCopy({ file, folder = path.dirname(file), ...options }: RestoreOptions): Promise<string> {
  options.onEvent?.({ type: 'step', message: 'taking a safety copy of what is there' });
  const { file: safety } = await backupBeforeRestore({ ...options, folder });
  options.onEvent?.({ type: 'step', message: `what is there is in ${shown(safety)}` });
  return path.resolve(safety);
}

/** Empties the database and loads an archive into it; history and lease stay. */
async function fillWith(
  archive: CheckedArchive,
  { connection, tools, lease, options }: Work,
  signal?: AbortSignal,
): Promise<void> {
  const { db, server } = connection;
  const guard = async () => {
    refuseStopped(signal);
    await lease.check();
  };
  await dropAll(db, guard);
  const { url, onEvent } = options;
  const { isReplicaSet } = server;
  const to: Destination = { db, url, isReplicaSet, tools, guard, leftOut: kept, signal, onEvent };
  await loadDocuments(archive, to);
  refuse(await differentCounts(db, archive.manifest, kept));
  await buildIndexes(archive.dump, to);
}

async function refuseDifferences({ manifest }: CheckedArchive, db: Connection['db']): Promise<void> {
  refuse(await differentSchema(db, manifest));
}

function refuse(differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw backupError('FAILED', `what was restored differs from the backup: ${differences.join('; ')}`);
}

/** @returns the error to end with, which says how the database is left. */
async function putBack(
  error: unknown,
  safety: string | undefined,
  earlier: Unfinished | null,
  work: Work,
): Promise<Error> {
  const { connection, options } = work;
  const { db } = connection;
  const why = `The restore failed: ${messageOf(error).replace(/\.$/, '')}.`;
  const code = (error as { code?: unknown }).code;
  const end = (message: string) =>
    Object.assign(new Error(`${why} ${message}`, { cause: error }), typeof code === 'string' && { code });
  const by = safety === undefined ? '' : ` What was there before is in ${shown(safety)}: restore that with --drop.`;
  // Without the lease nothing may be written any more.
  if (code === 'LOCKED') return end(`The database is left half restored.${by}`);
  try {
    options.onEvent?.({ type: 'step', message: 'putting back what was there' });
    if (safety === undefined) await dropAll(db, () => work.lease.check());
    else {
      const copy = await checkArchive(safety);
      await fillWith(copy, work);
      await refuseDifferences(copy, db);
    }
    if (earlier) await putMarker(db, earlier);
    else await clearUnfinished(db);
    return end(
      safety === undefined
        ? 'The database is empty again.'
        : `The database is as it was before; a copy of it is in ${shown(safety)}.`,
    );
  } catch (second) {
    return end(
      `Putting back failed as well: ${messageOf(second).replace(/\.$/, '')}. The database is left half restored.${by}`,
    );
  }
}
