import path from 'node:path';
import { openProject, withConnection, type Connection } from '../../deploy';
import { describeHolder, isBroken, lookAtHistory, takeLease, type Lease } from '../../history';
import { ownCollections } from '../../schema';
import { shown } from '../../shown';
import { checkArchive, type CheckedArchive } from './archive-reader';
import { isEncrypted } from './encryption';
import { backupError } from './errors';
import { replace } from './replace';
import type { RestoreOptions } from './restore-options';
import { isEmpty, planRestore, refuseNonEmpty, type RestorePlan } from './restore-plan';
import { findTools } from './tools';

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
  refusePlainCopy(options);
  const history: Buffer[] = [];
  const wanted = { [ownCollections.history]: (bson: Buffer) => history.push(bson) };
  options.onEvent?.({ type: 'step', message: `checking ${shown(options.file)}` });
  const archive = await checkArchive(options.file, { wanted });
  refuseOtherDatabase(archive, options);
  const tools = await findTools(options.url);
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

/** Who encrypts backups does not want the same documents beside them for all to read. */
function refusePlainCopy({ file, drop, dryRun, encryptTo, plainSafetyCopy }: RestoreOptions): void {
  if (!drop || dryRun || !isEncrypted(file) || encryptTo !== undefined || plainSafetyCopy) return;
  throw backupError(
    'USAGE',
    `${shown(file)} is encrypted, and the safety copy of what is there would not be: name who may read that with --encrypt, ` +
      'or say --plain-safety-copy.',
  );
}

function refuseOtherDatabase({ manifest }: CheckedArchive, { file, database, isNamed }: RestoreOptions): void {
  if (isNamed || manifest.database === database) return;
  const [theirs, ours] = [JSON.stringify(manifest.database), JSON.stringify(database)];
  throw backupError(
    'FAILED',
    `${shown(file)} is a backup of the database ${theirs}, not of ${ours}. To restore it there, name it: --database.`,
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
