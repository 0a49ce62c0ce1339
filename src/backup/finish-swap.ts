import type { Db } from 'mongodb';
import { withRetry, type LeaseConnection } from '../database';
import { clearUnfinished, putMarker, type Lease, type Recorder, type Unfinished } from '../history';
import { isRestoreName } from '../schema';
import { bytesOf } from '../support/exact-bson';
import { reasonOf, SchemaError } from '../support/schema-error';
import type { OnEvent } from './events';
import { noteLeftovers, removeLeftovers, type Leftover } from './leftovers';
import { kept } from './restore-plan';
import { recordRestored, restoreHistory } from './restored-history';
import { misplaced, settleAside, swapBack, swapForward, type Swapping } from './swap';
import { isSame, look, swapOf, uuidIn, type Standing, type Swap } from './swap-plan';

/** The connection, the lease and the callbacks that an exchange needs. */
export interface SwapWork {
  readonly connection: LeaseConnection;
  readonly lease: Lease;
  /** Aborted when the run has to end. */
  readonly ending: AbortSignal;
  readonly recorder: Recorder;
  readonly onEvent?: OnEvent | undefined;
}

/** What an application did to the database during the restore. */
export interface Meanwhile {
  /**
   * Replaced collections that were still written to: their number of documents changed from `before` to `then`. These writes are not in the
   * collection that is now in place.
   */
  readonly written: readonly { readonly name: string; readonly before: number; readonly then: number }[];
  /**
   * Documents that were inserted during the moment when a name was free: `name` is that name, `collection` is where the documents are now.
   */
  readonly aside: readonly { readonly name: string; readonly collection: string; readonly documents: number }[];
  /** Collections that an application created. They are kept. */
  readonly made: readonly string[];
}

export interface Finished extends Meanwhile {
  /** How many events of the backup's history were added, and how many were not, because an event here has the same number. */
  readonly events: { readonly added: number; readonly leftOut: number };
}

/**
 * Exchanges everything, adds the backup's history, checks that everything is in place, and removes the previous data. After an
 * interruption, another process can call it again to finish.
 */
export async function finishSwap(marker: Unfinished, work: SwapWork): Promise<Finished> {
  const swapping = swappingOf(marker, work);
  await putInPlace(swapping, work, 'forward');
  const events = await persistently(work, () => addHistory(swapping, work));
  await putInPlace(swapping, work, 'forward');
  return { events, ...(await endSwap(swapping, work, 'forward')) };
}

/** Undoes an exchange, so that everything is as before. */
export async function undoSwap(marker: Unfinished, work: SwapWork): Promise<Meanwhile> {
  const swapping = swappingOf(marker, work);
  await putInPlace(swapping, work, 'back');
  const { addsEvents, applied, title } = swapping.swap;
  // Events of the backup may already be in the history. Record the applied migrations again, so that these records are the last events.
  if (addsEvents) await recordRestored(work.recorder, `took back ${title}`, applied);
  return endSwap(swapping, work, 'back');
}

const mostRounds = 3;

/**
 * Exchanges everything. If a late command of a run that lost its lease has moved something in the meantime, repeats the exchange, twice at
 * most.
 */
async function putInPlace(swapping: Swapping, work: SwapWork, direction: 'forward' | 'back'): Promise<void> {
  const swap = direction === 'forward' ? swapForward : swapBack;
  for (let round = 1; ; round++) {
    await persistently(work, () => swap(swapping));
    const wrong = await persistently(work, (db) => misplaced(db, swapping.swap.entries, direction));
    if (wrong.length === 0) return;
    if (round < mostRounds) continue;
    throw new SchemaError('BACKUP', 'Something else keeps replacing the restored collections', {
      why: wrong.map((name) => `${name} was replaced after the restore`),
    });
  }
}

function swappingOf(marker: Unfinished, work: SwapWork): Swapping {
  const { connection } = work;
  const swapping: Swapping = {
    get db() {
      return connection.db;
    },
    swap: swapOf(marker.swap ?? {}),
    guard: () => guardToTheEnd(work),
    save: async (more) => {
      swapping.swap = { ...swapping.swap, ...more };
      await putMarker(connection.db, { ...marker, swap: swapping.swap });
    },
  };
  return swapping;
}

/** Does not check whether the run was told to stop: an exchange takes milliseconds, and half an exchange is worse than a late stop. */
async function guardToTheEnd({ ending, lease }: SwapWork): Promise<void> {
  ending.throwIfAborted();
  await lease.check();
}

/**
 * Runs `work`, and runs it again after a failover or a lost reply, so the work must be repeatable. Each try gets the current handle of the
 * database.
 */
export function persistently<T>({ ending, connection }: SwapWork, work: (db: Db) => Promise<T>): Promise<T> {
  const { traffic } = connection;
  return withRetry(() => work(connection.db), {
    signal: ending,
    progress: () => ({ commands: traffic.commands, writes: traffic.writes }),
  });
}

async function addHistory({ swap, save }: Swapping, work: SwapWork): Promise<{ added: number; leftOut: number }> {
  const { db } = work.connection;
  await save({ addsEvents: true });
  const events: Uint8Array[] = [];
  if (swap.history) {
    const { collection, uuid } = swap.history;
    if (!isSame(uuidIn(await look(db, [collection]), collection), uuid)) {
      throw new SchemaError('BACKUP', `${collection} does not exist any more`, {
        why: 'someone dropped or renamed it',
      });
    }
    for await (const bson of db.collection(collection).find({}, { raw: true })) events.push(bytesOf(bson));
  }
  return restoreHistory(db, events, work.recorder, swap.title);
}

/** Ends the exchange. From here on the database is complete, and only cleaning up is left. */
async function endSwap(swapping: Swapping, work: SwapWork, direction: 'forward' | 'back'): Promise<Meanwhile> {
  const { swap } = swapping;
  const meanwhile = await persistently(work, async (db) => {
    const standing = await look(db);
    const aside = await settleAside(db, swap.aside);
    const written = await countWritten(db, standing, swap, direction);
    await noteLeftovers(db, leftoversOf(standing, swap, direction));
    if (swap.earlier && direction === 'back') await putMarker(db, swap.earlier as Unfinished);
    else await clearUnfinished(db);
    return {
      written,
      aside: aside.map(({ name, collection, documents }) => ({ name, collection, documents })),
      made: direction === 'forward' ? madeMeanwhile(standing, swap) : [],
    };
  });
  try {
    await persistently(work, (db) => removeLeftovers(db, () => guardToTheEnd(work)));
  } catch (error) {
    const message = `collections that are no longer needed could not be removed: ${reasonOf(error)}; the next restore removes them`;
    work.onEvent?.({ type: 'warning', message });
  }
  return meanwhile;
}

function leftoversOf(standing: Standing, { entries, history }: Swap, direction: 'forward' | 'back'): Leftover[] {
  const others = entries.flatMap(({ from, to, stagedAs, replacedAs }): Leftover[] => {
    const series: Leftover[] = [from, to].some((thing) => thing?.kind === 'timeseries')
      ? [{ name: stagedAs }, { name: replacedAs }]
      : [];
    const [thing, name] = direction === 'forward' ? [from, replacedAs] : [to, stagedAs];
    return [...series, ...(thing?.kind === 'collection' ? [{ name, uuid: thing.uuid }] : [])];
  });
  return [...others, ...(history ? [{ name: history.collection, uuid: history.uuid }] : [])].filter(({ name }) =>
    standing.has(name),
  );
}

/** Finds replaced collections whose number of documents has changed since the restore counted them. */
async function countWritten(db: Db, standing: Standing, { entries }: Swap, direction: 'forward' | 'back') {
  const written: { name: string; before: number; then: number }[] = [];
  for (const { name, from, to, replacedAs, stagedAs } of entries) {
    const [thing, place] = direction === 'forward' ? [from, replacedAs] : [to, stagedAs];
    if (thing?.kind !== 'collection' || !isSame(uuidIn(standing, place), thing.uuid)) continue;
    const then = await db.collection(place).estimatedDocumentCount();
    if (then !== thing.documents) written.push({ name, before: thing.documents, then });
  }
  return written;
}

function madeMeanwhile(standing: Standing, { entries, aside }: Swap): string[] {
  const known = new Set([
    ...kept,
    ...entries.flatMap(({ name, to }) => (to ? [name] : [])),
    ...aside.map(({ collection }) => collection),
  ]);
  return [...standing.keys()].filter((name) => !name.startsWith('system.') && !known.has(name) && !isRestoreName(name));
}
