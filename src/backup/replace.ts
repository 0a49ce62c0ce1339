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

/** What a restore works with once it holds the lease. */
export interface Work extends SwapWork {
  readonly tools: Tools;
  readonly options: RestoreOptions;
}

/**
 * Replaces what a database holds by an archive: loads it beside what is there, compares it there, and exchanges the two. Until
 * that exchange, nothing changes for anybody who uses the database.
 */
export async function replace(archive: CheckedArchive, work: Work): Promise<Finished & { safety?: string }> {
  const { options } = work;
  const earlier = await persistently(work, readUnfinished);
  if (earlier?.swap) throw unfinishedError(earlier, 'then restore again');
  if (earlier) options.onEvent?.({ type: 'warning', message: describeUnfinished(earlier) });
  // Somebody may have been at work before the lease was taken.
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
  options.onEvent?.({ type: 'step', message: 'taking a safety copy of what is there' });
  const { file: safety } = await backupBeforeRestore({ ...options, folder });
  options.onEvent?.({ type: 'step', message: `what is there is in ${shown(safety)}` });
  return path.resolve(safety);
}

interface Before {
  /** About how many documents each collection held. */
  readonly before: ReadonlyMap<string, number>;
  readonly earlier: Unfinished | null;
}

/** Loads, builds and compares. When that fails, what was loaded goes again. */
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

/** @returns how the database is left. */
async function removeLoaded({ connection, lease, ending }: Work): Promise<string> {
  const whole = 'the database is as it was before';
  const left = `${whole}; what was loaded is left in collections named restoring_…, which the next restore removes`;
  // Nothing more is sent then.
  if (ending.aborted) return left;
  return removeLeftovers(connection.db, () => lease.check()).then(
    () => whole,
    (error: unknown) => `${left} (${reasonOf(error)})`,
  );
}

/** Once all has to end, what was on its way hears no more than that its client was closed, or that it has to stop. */
function reasonToEnd(error: unknown, ending: AbortSignal): unknown {
  const isItsOwn = isSchemaError(error) && reportOf(error).code !== 'ABORTED';
  return ending.aborted && !isItsOwn ? ending.reason : error;
}

function titleOf({ file, manifest }: CheckedArchive): string {
  return `${path.basename(file)} of ${manifest.created_at}`;
}

/** From the first exchange on, what fails is taken back. */
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
    throw new SchemaError('BACKUP', 'The record of the restore is gone', { why: 'somebody removed it' });
  return marker;
}

/** @returns the error to end with, which says how the database is left. */
async function takeBack(error: unknown, work: Work, safety: string | undefined): Promise<Error> {
  const { options, ending, lease } = work;
  const copy = safety === undefined ? [] : [`a copy of what was there before is in ${shown(safety)}`];
  const half = [
    'the database is left half restored; what was there before is still in it, beside what was restored',
    ...copy,
  ];
  const fix = fixOfUnfinished({ swap: {} } as Unfinished);
  // Without the lease nothing may be written any more.
  if (ending.aborted || lease.lost.aborted || reportOf(error).code === 'LOCKED')
    return failure(reasonToEnd(error, ending), options, half, fix);
  try {
    options.onEvent?.({ type: 'step', message: 'taking back what was exchanged' });
    const marker = await markerOf(work);
    const { written, aside } = await undoSwap(marker, work);
    return failure(error, options, [
      'the database is as it was before',
      ...copy,
      ...written.map(
        ({ name, before, then }) => `${name}, while the backup was in place: ${then - before} documents more`,
      ),
      ...aside.map(
        ({ name, collection, documents }) => `${documents} documents written to ${name} meanwhile are in ${collection}`,
      ),
    ]);
  } catch (second) {
    return failure(error, options, [`taking it back failed as well: ${reasonOf(second)}`, ...half], fix);
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
