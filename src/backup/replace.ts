import path from 'node:path';
import { refuseStopped } from '../deploy';
import {
  fixOfUnfinished,
  markUnfinished,
  readChangelog,
  readEvents,
  readUnfinished,
  unfinishedError,
  describeUnfinished,
  type Unfinished,
} from '../history';
import { ownCollections } from '../schema';
import { shown } from '../support/display-path';
import { isSchemaError, reasonOf, reportOf, SchemaError } from '../support/schema-error';
import { MongoUrl } from '../support/mongo-url';
import type { CheckedArchive } from './archive-reader';
import { backupBeforeRestore } from './backup';
import { finishSwap, persistently, undoSwap, type Finished, type SwapWork } from './finish-swap';
import { noteLeftovers, readLeftovers, removeLeftovers, type Leftover } from './leftovers';
import type { Destination } from './load';
import { appliedBy } from './restored-history';
import { isEmpty, planRestore, refuseNonEmpty, type RestoreOptions } from './restore-plan';
import { judgeSpace, lookBeforeSwap } from './restore-preflight';
import { planSwap, refuseOwnNames, refuseSkipped, stage, stagedNames } from './stage';
import { look, uuidIn, type Swap } from './swap-plan';
import type { Tools } from './tools';

/** The connection, tools and options of a restore that holds the lease. */
export interface Work extends SwapWork {
  readonly tools: Tools;
  readonly options: RestoreOptions;
}

/**
 * Replaces the contents of a database by an archive: loads the archive into temporary collections, compares these with the archive, and
 * exchanges them with the present collections. Before the exchange, nothing changes for other users of the database.
 */
export async function replace(archive: CheckedArchive, work: Work): Promise<Finished & { safety?: string }> {
  const { options } = work;
  const earlier = await persistently(work, readUnfinished);
  if (earlier?.swap) throw unfinishedError(earlier, 'then restore again');
  if (earlier) options.onEvent?.({ type: 'warning', message: describeUnfinished(earlier) });
  // Another run may have changed the database before the lease was taken.
  const plan = await persistently(work, (db) => planRestore(db, archive));
  refuseNonEmpty(plan, options);
  const left = new Set((await persistently(work, readLeftovers)).map(({ name }) => name));
  refuseOwnNames((await persistently(work, (db) => look(db))).keys(), archive, left);
  refuseSkipped(archive, options);
  await persistently(work, (db) => removeLeftovers(db, () => work.lease.check()));
  await persistently(work, (db) => lookBeforeSwap(db, archive, options.onEvent));
  if (options.spaceCheck !== false) await persistently(work, (db) => judgeSpace(db, archive, options.onEvent));
  const safety = isEmpty(plan) || !options.safetyCopy ? undefined : await takeSafetyCopy(options);
  const before = new Map([...plan.replaced, ...plan.removed].map(({ name, documents }) => [name, documents]));
  const swap = await load(archive, work, { before, earlier });
  return { ...(await exchange(swap, work, safety)), ...(safety !== undefined && { safety }) };
}

async function takeSafetyCopy({ file, folder = path.dirname(file), ...options }: RestoreOptions): Promise<string> {
  options.onEvent?.({ type: 'step', message: 'taking a safety copy of the existing data' });
  const { file: safety } = await backupBeforeRestore({ ...options, folder });
  options.onEvent?.({ type: 'step', message: `the existing data are saved in ${shown(safety)}` });
  return path.resolve(safety);
}

interface Before {
  /** The approximate number of documents in each collection. */
  readonly before: ReadonlyMap<string, number>;
  readonly earlier: Unfinished | null;
}

/** Loads the archive, builds its indexes and compares everything. On a failure, removes what was loaded. */
async function load(archive: CheckedArchive, work: Work, { before, earlier }: Before): Promise<Swap> {
  const { connection, tools, options, lease, ending } = work;
  const { db, server } = connection;
  const { url, onEvent, signal, patience } = options;
  const guard = async () => {
    refuseStopped(signal);
    ending.throwIfAborted();
    await lease.check();
  };
  const names = stagedNames(db.databaseName, archive);
  const { isReplicaSet } = server;
  const to: Destination = { db, url: MongoUrl.of(url), isReplicaSet, tools, guard, signal, patience, onEvent };
  const leftovers = [...names.values()].map((name): Leftover => ({ name }));
  try {
    await guard();
    await noteLeftovers(db, leftovers);
    await stage(archive, { ...to, names }, { ...options, settle: () => noteLeftovers(db, leftovers) });
    const [entries, changelog, events] = await Promise.all([
      planSwap(archive, db, { names, before }),
      readChangelog(db).catch(() => []),
      readEvents(db),
    ]);
    const history = names.get(ownCollections.history);
    const uuid = history === undefined ? undefined : uuidIn(await look(db, [history]), history);
    await guard();
    return {
      title: titleOf(archive),
      entries,
      aside: [],
      applied: appliedBy(changelog, events),
      ...(history !== undefined && uuid && { history: { collection: history, uuid } }),
      ...(earlier && { earlier }),
    };
  } catch (error) {
    throw failure(reasonToEnd(error, ending), options, [await removeLoaded(work)]);
  }
}

/** @returns a description of the state of the database */
async function removeLoaded({ connection, lease, ending }: Work): Promise<string> {
  const whole = 'the database is in its previous state';
  const left = `${whole}; the loaded data are still in collections named restoring_…, which the next restore removes`;
  // After the end of the run, nothing more may be sent.
  if (ending.aborted) return left;
  return removeLeftovers(connection.db, () => lease.check()).then(
    () => whole,
    (error: unknown) => `${left} (${reasonOf(error)})`,
  );
}

/**
 * Returns the reason why the run ended. `error` often does not contain this reason: a running command only fails with an error about a
 * closed client.
 */
function reasonToEnd(error: unknown, ending: AbortSignal): unknown {
  const isItsOwn = isSchemaError(error) && reportOf(error).code !== 'ABORTED';
  return ending.aborted && !isItsOwn ? ending.reason : error;
}

function titleOf({ file, manifest }: CheckedArchive): string {
  return `${path.basename(file)} of ${manifest.created_at}`;
}

/** Exchanges the collections. Undoes the exchange when something fails. */
async function exchange(swap: Swap, work: Work, safety: string | undefined): Promise<Finished> {
  const { options } = work;
  options.onEvent?.({ type: 'step', message: `exchanging ${swap.entries.length} collections` });
  try {
    const file = path.resolve(options.file);
    await persistently(work, (db) => markUnfinished(db, { file, safety, swap }));
    const marker = await markerOf(work);
    return await finishSwap(marker, work);
  } catch (error) {
    throw await takeBack(error, work, safety);
  }
}

async function markerOf(work: SwapWork): Promise<Unfinished> {
  const marker = await persistently(work, readUnfinished);
  if (!marker?.swap)
    throw new SchemaError('BACKUP', 'The record of the restore does not exist any more', { why: 'someone removed it' });
  return marker;
}

/** @returns the final error, which describes the state of the database */
async function takeBack(error: unknown, work: Work, safety: string | undefined): Promise<Error> {
  const { options, ending, lease } = work;
  const copy = safety === undefined ? [] : [`a copy of the previous data is in ${shown(safety)}`];
  const half = [
    'the database is half restored: it still contains the previous data, in addition to the restored data',
    ...copy,
  ];
  const fix = fixOfUnfinished({ swap: {} } as Unfinished);
  // Without the lease, nothing may be written.
  if (ending.aborted || lease.lost.aborted || reportOf(error).code === 'LOCKED')
    return failure(reasonToEnd(error, ending), options, half, fix);
  try {
    options.onEvent?.({ type: 'step', message: 'undoing the exchange' });
    const marker = await markerOf(work);
    const { written, aside } = await undoSwap(marker, work);
    return failure(error, options, [
      'the database is in its previous state',
      ...copy,
      ...written.map(
        ({ name, before, then }) =>
          `${name} got ${then - before} more documents while the restored collection was in place`,
      ),
      ...aside.map(
        ({ name, collection, documents }) =>
          `${documents} documents that were written to ${name} in the meantime are in ${collection}`,
      ),
    ]);
  } catch (second) {
    return failure(error, options, [`undoing the exchange failed too: ${reasonOf(second)}`, ...half], fix);
  }
}

function failure(
  error: unknown,
  { file }: RestoreOptions,
  state: readonly string[],
  fix = reportOf(error).fix,
): SchemaError {
  const { code, summary, why = [] } = reportOf(error);
  return new SchemaError(code === 'FAILED' ? 'BACKUP' : code, `Cannot restore ${shown(file)}`, {
    why: [summary, ...why, ...state],
    fix,
    cause: error,
  });
}
