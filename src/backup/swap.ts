import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError, type Binary, type Db, type Document } from 'mongodb';
import { majority } from '../database';
import { SchemaError } from '../support/schema-error';
import { copySeries, copyWhole, dropSeries, finishSeries } from './swap-series';
import {
  bytesOf,
  decodeView,
  isInPlace,
  isSame,
  look,
  uuidIn,
  type Aside,
  type Standing,
  type SwapEntry,
  type Swap,
  type Thing,
} from './swap-plan';

/** The database handle, the plan and the callbacks that an exchange needs. */
export interface Swapping {
  /** Read this property again in each try: after a lost reply, it returns another handle. */
  readonly db: Db;
  /** The stored plan; `save` replaces it. */
  swap: Swap;
  /** Adds these properties to the plan, and stores it. */
  readonly save: (more: Partial<Swap>) => Promise<void>;
  /** Rejects when this run may no longer write. */
  readonly guard: () => Promise<void>;
}

/**
 * Exchanges the present collections with the loaded ones, name by name. After a failover or an interruption, this function can be called
 * again, even by another process, and then does the rest. It drops nothing that contains documents, except time series that were copied.
 */
export async function swapForward(swapping: Swapping): Promise<void> {
  for (const entry of swapping.swap.entries) {
    const { from, to, stagedAs, replacedAs } = entry;
    await exchange(swapping, entry, { gone: from, goneTo: replacedAs, coming: to, comingFrom: stagedAs });
  }
  for (const { name, to } of swapping.swap.entries) if (to?.kind === 'view') await placeView(swapping, name, to);
}

/** Undoes `swapForward`: exchanges the loaded collections with the previous ones. */
export async function swapBack(swapping: Swapping): Promise<void> {
  for (const entry of swapping.swap.entries.toReversed()) {
    const { from, to, stagedAs, replacedAs } = entry;
    await exchange(swapping, entry, { gone: to, goneTo: stagedAs, coming: from, comingFrom: replacedAs });
  }
  for (const { name, from } of swapping.swap.entries) if (from?.kind === 'view') await placeView(swapping, name, from);
}

/** Returns the names that do not have the expected collection or view after an exchange in this direction. */
export async function misplaced(
  db: Db,
  entries: readonly SwapEntry[],
  direction: 'forward' | 'back',
): Promise<string[]> {
  const standing = await look(db);
  return entries
    .filter(({ name, from, to }) => {
      const [wanted, unwanted] = direction === 'forward' ? [to, from] : [from, to];
      // The UUID of a copied time series is unknown, and an application may have re-created a removed collection. In these cases, check
      // only that the previous collection is gone.
      if (wanted && wanted.kind !== 'timeseries') return !isInPlace(standing, name, wanted);
      return unwanted !== undefined && unwanted.kind !== 'timeseries' && isInPlace(standing, name, unwanted);
    })
    .map(({ name }) => name);
}

interface Exchange {
  readonly gone: Thing | undefined;
  readonly goneTo: string;
  readonly coming: Thing | undefined;
  readonly comingFrom: string;
}

const mostTries = 50;
/** In milliseconds. */
const pause = 20;
const lockWait = 5_000;

/** Makes the exchange for one name. New views are placed later, by `placeView`. */
async function exchange(swapping: Swapping, { name, from }: SwapEntry, move: Exchange): Promise<void> {
  const { db, guard } = swapping;
  const { gone, coming } = move;
  for (let attempt = 1; ; attempt++) {
    await guard();
    try {
      if (gone?.kind === 'view' && coming?.kind !== 'view') await dropView(db, name);
      const isSeriesDue = await takeSeriesAway(db, name, from, move);
      if (gone?.kind === 'collection' || coming?.kind === 'collection') await exchangeCollections(swapping, name, move);
      if (coming?.kind === 'timeseries') await bringSeries(swapping, name, coming, { ...move, isSeriesDue });
      return;
    } catch (error) {
      if (attempt >= mostTries || !isPassing(error)) throw explained(error, name);
      await sleep(error.code === 50 ? lockWait : pause);
    }
  }
}

async function dropView(db: Db, name: string): Promise<void> {
  const standing = await look(db, [name]);
  if (standing.get(name)?.type === 'view') await db.command(dropOf(name));
}

/**
 * Renames the previous collection away, and then gives its name to the new one. In between, the name is free for milliseconds. If an
 * application creates a collection in that moment, this collection is renamed.
 */
async function exchangeCollections(
  swapping: Swapping,
  name: string,
  { gone, goneTo, coming, comingFrom }: Exchange,
): Promise<void> {
  const { db } = swapping;
  const standing = await look(db, [name, comingFrom]);
  const there = uuidIn(standing, name);
  const isThere = gone?.kind === 'collection' && isSame(there, gone.uuid);
  if (coming?.kind !== 'collection') {
    if (isThere) await rename(db, name, goneTo, gone.uuid);
    return;
  }
  if (isSame(there, coming.uuid)) return;
  if (!isSame(uuidIn(standing, comingFrom), coming.uuid)) throw missing(comingFrom);
  if (isThere) {
    // Only the next rename waits for a majority, so that the name is free for as short a time as possible.
    await rename(db, name, goneTo, gone.uuid, { w: 1 });
  } else if (standing.has(name)) await setAside(swapping, name, standing);
  await rename(db, comingFrom, name, coming.uuid);
}

/**
 * Removes a time series, unless the new series can replace it directly, which is possible only if both have the same options and indexes.
 * @returns whether the new series is not in place yet
 */
async function takeSeriesAway(db: Db, name: string, from: Thing | undefined, move: Exchange): Promise<boolean> {
  const { gone, goneTo, coming } = move;
  const standing = await look(db, [name, goneTo]);
  const isSeries = standing.get(name)?.type === 'timeseries';
  // The UUID of a copied series is unknown. If the series under this name is not the previous one, it must be the one from the backup.
  const isBefore = isSeries && from?.kind === 'timeseries' && isSame(uuidIn(standing, name), from.uuid);
  if (gone?.kind !== 'timeseries') return !(isSeries && (coming !== from || isBefore));
  if (!isSeries || (gone === from) !== isBefore) return !isSeries;
  // The loaded data still exist under their temporary name, so only the previous data need a copy.
  if (gone === from) await copyWhole(db, name, goneTo, gone, standing.has(goneTo));
  if (coming?.kind !== 'timeseries' || !isSameDefinition(gone, coming)) await dropSeries(db, name);
  return true;
}

async function bringSeries(
  swapping: Swapping,
  name: string,
  series: Thing & { kind: 'timeseries' },
  { comingFrom, isSeriesDue }: Exchange & { readonly isSeriesDue: boolean },
): Promise<void> {
  const { db } = swapping;
  const standing = await look(db, [name, comingFrom]);
  if (isSeriesDue) {
    if (!standing.has(comingFrom)) throw missing(comingFrom);
    const type = standing.get(name)?.type;
    if (type !== undefined && type !== 'timeseries') await setAside(swapping, name, standing);
    await copySeries(db, comingFrom, name, series);
  }
  await finishSeries(db, name, series);
}

/**
 * Creates or changes a view. When the view cannot be changed in place, it is dropped and created again: a view has no documents to lose.
 */
async function placeView(swapping: Swapping, name: string, view: Thing & { kind: 'view' }): Promise<void> {
  const { db, guard } = swapping;
  const { viewOn, pipeline, collation } = decodeView(view.definition);
  for (let attempt = 1; ; attempt++) {
    const standing = await look(db, [name]);
    if (isInPlace(standing, name, view)) return;
    const there = standing.get(name);
    await guard();
    try {
      if (there && there.type !== 'view') await setAside(swapping, name, standing);
      if (there?.type === 'view' && isSameCollation(there.options?.['collation'], collation)) {
        await db.command({ collMod: name, viewOn, pipeline, ...wait });
      } else {
        if (there?.type === 'view') await db.command(dropOf(name));
        await db.command({ create: name, viewOn, pipeline, ...(collation !== undefined && { collation }), ...wait });
      }
      return;
    } catch (error) {
      if (attempt >= mostTries || !isPassing(error)) throw explained(error, name);
      // While the views change one after the other, they may form a cycle. Drop the view, and create it in the next attempt.
      if (error.code === graphContainsCycle) await db.command(dropOf(name)).catch(() => undefined);
      await sleep(pause);
    }
  }
}

const wait = { maxTimeMS: lockWait, writeConcern: majority };

function dropOf(name: string): Document {
  return { drop: name, ...wait };
}

function isSameCollation(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

async function rename(
  { client, databaseName }: Db,
  from: string,
  to: string,
  collectionUUID: Binary,
  writeConcern: Document = majority,
): Promise<void> {
  await client.db('admin').command({
    renameCollection: `${databaseName}.${from}`,
    to: `${databaseName}.${to}`,
    collectionUUID,
    maxTimeMS: lockWait,
    writeConcern,
  });
}

/** Renames a collection that an application made while the name was free. Before that, the new name is stored in the plan. */
async function setAside({ db, swap, save }: Swapping, name: string, standing: Standing): Promise<void> {
  const uuid = uuidIn(standing, name);
  if (!uuid || standing.get(name)?.type !== 'collection') {
    throw new SchemaError('BACKUP', `The name ${name} is taken`, {
      why: `a ${standing.get(name)?.type ?? 'thing'} with this name was created during the restore`,
    });
  }
  const names = await look(db);
  let number = 1;
  while (names.has(asideName(number, name))) number++;
  const aside: Aside = { name, collection: asideName(number, name), uuid };
  await save({ aside: [...swap.aside, aside] });
  await rename(db, name, aside.collection, uuid, { w: 1 });
}

function asideName(number: number, name: string): string {
  // A namespace has 255 bytes at most, of which the name of the database takes up to 63.
  return `meanwhile_${number}_${Buffer.byteLength(name) > 150 ? String(name.length) + name.slice(0, 30) : name}`;
}

const graphContainsCycle = 5;

/**
 * Errors after which another attempt may succeed: the name was taken, or is free again (48, 26, 361), an operation holds a lock (50), an
 * index is being built (12587), views temporarily form a cycle (5).
 */
const passing = new Set<unknown>([graphContainsCycle, 26, 48, 50, 361, 12587]);

function isPassing(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && passing.has(error.code);
}

function explained(error: unknown, name: string): unknown {
  if (!(error instanceof MongoServerError)) return error;
  if (error.code === 50) {
    return new SchemaError('BLOCKED', `Cannot exchange ${name}: another operation held a lock on it`, {
      why: 'a long transaction or operation holds this lock; db.currentOp() shows it',
      fix: 'end that transaction or operation, and restore again',
      cause: error,
    });
  }
  return error;
}

function missing(name: string): SchemaError {
  return new SchemaError('BACKUP', `${name} does not exist any more`, { why: 'someone dropped or renamed it' });
}

/** Returns the collections that `setAside` renamed, with their numbers of documents. Drops empty ones. */
export async function settleAside(db: Db, aside: readonly Aside[]): Promise<(Aside & { documents: number })[]> {
  const left: (Aside & { documents: number })[] = [];
  for (const one of aside) {
    if (!isSame(uuidIn(await look(db, [one.collection]), one.collection), one.uuid)) continue;
    const documents = await db.collection(one.collection).countDocuments({}, { readConcern: 'local' });
    if (documents > 0) left.push({ ...one, documents });
    else await db.command({ ...dropOf(one.collection), collectionUUID: one.uuid });
  }
  return left;
}

function isSameDefinition(one: Thing & { kind: 'timeseries' }, other: Thing & { kind: 'timeseries' }): boolean {
  return bytesOf(one.definition).equals(bytesOf(other.definition));
}
