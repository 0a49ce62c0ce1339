import path from 'node:path';
import { refuseStopped, type Connection } from '../../deploy';
import {
  clearUnfinished,
  describeUnfinished,
  markUnfinished,
  putMarker,
  readUnfinished,
  recorderFor,
  type Lease,
  type Recorder,
  type Unfinished,
} from '../../history';
import { messageOf } from '../../server';
import { ownCollections } from '../../schema';
import { shown } from '../../shown';
import { checkArchive, type CheckedArchive } from './archive-reader';
import { backupBeforeRestore } from './backup';
import { backupError } from './errors';
import { buildIndexes, differentCounts, differentSchema, loadDocuments, type Destination } from './load';
import type { RestoreOptions } from './restore-options';
import { dropAll, isEmpty, kept, planRestore, refuseNonEmpty } from './restore-plan';
import { restoreHistory } from './restored-history';
import type { Tools } from './tools';

/** What a restore works with once it holds the lease. */
export interface Work {
  readonly connection: Connection;
  readonly tools: Tools;
  readonly lease: Lease;
  readonly options: RestoreOptions;
}

/** Replaces what a database holds by an archive; when that fails half-way, puts back what was there. */
export async function replace(archive: CheckedArchive, history: readonly Buffer[], work: Work) {
  const { connection, lease, options } = work;
  const { db, server } = connection;
  const earlier = await readUnfinished(db);
  if (earlier) options.onEvent?.({ type: 'warning', message: describeUnfinished(earlier) });
  // Somebody may have been at work before the lease was taken.
  const plan = await planRestore(db, archive);
  refuseNonEmpty(plan, options);
  const recorder = recorderFor(db, lease.grant, server.version, () => lease.check());
  const safety = isEmpty(plan) ? undefined : await takeSafetyCopy(options);
  refuseStopped(options.signal);
  await lease.check();
  await markUnfinished(db, { file: path.resolve(options.file), safety });
  try {
    await fillWith(archive, work, options.signal);
    await refuseDifferences(archive, db);
    const events = await restoreHistory(db, history, recorder, nameOf(archive));
    await clearUnfinished(db);
    return { events, ...(safety !== undefined && { safety }) };
  } catch (error) {
    throw await putBack(error, { safety, earlier, recorder }, work);
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

/** What a restore that fails goes back to. */
interface Before {
  readonly safety: string | undefined;
  readonly earlier: Unfinished | null;
  /** The restore's own: its events go on where those of the restore ended. */
  readonly recorder: Recorder;
}

function nameOf({ file, manifest }: CheckedArchive): string {
  return `${path.basename(file)} of ${manifest.created_at}`;
}

/** @returns the error to end with, which says how the database is left. */
async function putBack(error: unknown, { safety, earlier, recorder }: Before, work: Work): Promise<Error> {
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
      const history: Buffer[] = [];
      const wanted = { [ownCollections.history]: (bson: Buffer) => history.push(bson) };
      const copy = await checkArchive(safety, { wanted });
      await fillWith(copy, work);
      await refuseDifferences(copy, db);
      // Events may speak for the backup already: what is applied now has to have the last word.
      await restoreHistory(db, history, recorder, `put back ${nameOf(copy)}`);
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
