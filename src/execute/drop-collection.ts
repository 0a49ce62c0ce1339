import type { CollectionInfo, Db, Document, Filter } from 'mongodb';
import { isTransient, listCollections, readSetAside, type LiveSchema, type SetAside } from '../database';
import { encodeClosed, renameCommand, setAsideName, validationOf, type Validation } from '../schema';
import { rename, send, type Session } from './session';
import { documents } from '../support/counts';
import { SchemaError } from '../support/schema-error';

/**
 * Drops a collection in several steps: close it for writes, rename it, count its documents under the new name, drop it. If the command of a
 * step arrives late at the server, the command destroys no documents. If the run dies in between, the collection is complete under its old
 * or its new name.
 * @throws error with code `DATA_LOSS` when the collection holds documents and the run may not delete any. The collection then has its
 * old name again.
 * @throws error with code `CONFLICT` when something else has the new name.
 */
export async function dropCollection(run: Session, name: string): Promise<void> {
  const aside = setAsideName(run.db.databaseName, name);
  const found = await listCollections(run.db, [name, aside]);
  const info = found.find((one) => one.name === name);
  if (!info) return;
  if (info.type === 'timeseries') return dropTimeSeries(run, name);
  await freeName(
    run,
    name,
    found.find((one) => one.name === aside),
  );
  const before = validationOf(info.options ?? {});
  await send(run, { collMod: name, ...encodeClosed(before, name) });
  const session = { ...run, guard: run.guardToTheEnd ?? run.guard };
  await orElse(
    async () => {
      await refuseDocuments(session, name, name);
      await rename(session, name, aside);
    },
    () => reopen(session, name, before),
  );
  await orElse(
    () => refuseDocuments(session, aside, name),
    async () => {
      await rename(session, aside, name);
      await reopen(session, name, before);
    },
  );
  await send(session, { drop: aside });
  session.uuids?.delete(aside);
}

/**
 * Drops a time series. A time series can be neither closed for writes nor renamed, and the command that drops it takes no UUID. So writes
 * between the count and the drop are lost.
 * @see docs/decisions/0013-fences.md
 */
async function dropTimeSeries(session: Session, name: string): Promise<void> {
  await refuseDocuments(session, name, name);
  await send(session, { drop: name });
}

/**
 * Undoes the work when it fails. After a lost connection, the state of the work is unknown, so the next attempt checks the state and undoes
 * the work.
 */
async function orElse(work: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isTransient(error)) await undo();
    throw error;
  }
}

/** Counts the documents that the primary itself has, because a majority may not have the newest documents yet. */
async function refuseDocuments({ db, allowDataLoss }: Session, name: string, was: string): Promise<void> {
  if (allowDataLoss) return;
  const count = await countDocuments(db, name);
  if (count > 0) throw dataLossError([[was, count]]);
}

function countDocuments(db: Db, name: string): Promise<number> {
  return db.collection(name).countDocuments({}, { readPreference: 'primary', readConcern: 'local' });
}

/** Drops the placeholder, if there is one, that has the temporary name which the collection needs. */
async function freeName(session: Session, name: string, occupant: CollectionInfo | undefined): Promise<void> {
  if (!occupant) return;
  const aside = readSetAside(occupant);
  if (!aside.isPlaceholder) throw takenError(name, aside);
  await dropSetAside(session, aside);
}

/** Drops a renamed collection or a placeholder, unless something new has taken its name since the name was read. */
export async function dropSetAside(session: Session, { name, uuid }: SetAside): Promise<void> {
  if (uuid) session.uuids?.set(name, uuid);
  await send(session, { drop: name });
  session.uuids?.delete(name);
}

function takenError(name: string, aside: SetAside): SchemaError {
  return new SchemaError('CONFLICT', `The collection ${name} cannot be dropped, so nothing was changed`, {
    why: `the collection must first be renamed to ${aside.name}, but that name is taken`,
    fix: `look at the documents of ${aside.name}, then rename or drop ${aside.name} by hand`,
  });
}

/**
 * Checks, before anything is written, that the temporary names for dropped collections are free.
 * @throws error with code `CONFLICT`
 */
export function refuseTakenNames({ db }: Session, { setAside }: LiveSchema, names: Iterable<string>): void {
  for (const name of names) {
    const aside = setAside.get(setAsideName(db.databaseName, name));
    if (aside && !aside.isPlaceholder) throw takenError(name, aside);
  }
}

/**
 * Restores the names of collections that an interrupted drop has renamed. If a new collection has the old name, and the renamed collection
 * is empty, the renamed collection is dropped.
 * @param lost the collections whose documents this run may delete.
 * @returns whether anything was changed.
 * @throws error with code `CONFLICT` when a new collection has the old name and the renamed collection holds documents, or when it is
 * unknown how a collection got such a name.
 */
export async function bringBack(
  session: Session,
  { schema, others, setAside }: LiveSchema,
  { names, lost = new Set() }: { readonly names: Iterable<string>; readonly lost?: ReadonlySet<string> },
): Promise<boolean> {
  let isChanged = false;
  for (const name of names) {
    const aside = setAside.get(setAsideName(session.db.databaseName, name));
    if (!aside?.uuid || aside.isPlaceholder) continue;
    const isMissing = !Object.hasOwn(schema, name) && !others.has(name);
    if (aside.before && isMissing) {
      session.uuids?.set(aside.name, aside.uuid);
      await rename(session, aside.name, name);
    } else if (aside.before || isMissing) {
      const count = await countDocuments(session.db, aside.name);
      if (count > 0 && !lost.has(name)) throw splitError(name, aside.name, { count, isMissing });
      if (!aside.before) continue;
      await dropSetAside(session, aside);
    } else continue;
    isChanged = true;
  }
  return isChanged;
}

function splitError(name: string, aside: string, { count, isMissing }: { count: number; isMissing: boolean }) {
  return new SchemaError('CONFLICT', `The collection ${name} was renamed to ${aside}, so nothing was changed`, {
    why: [
      `${aside} holds ${documents(count)}`,
      isMissing
        ? `${name} is missing: a command of a run that lost its lease may have arrived late`
        : `${name} exists too: something wrote to ${name} after an interrupted drop had renamed the collection`,
    ],
    fix: isMissing
      ? `to restore ${name}, in mongosh: ${renameCommand(aside, name)}; if ${aside} is a collection of your own, and not the dropped ${name}, give it another name`
      : `move the documents that you need from ${aside} into ${name}, drop ${aside}, and run again`,
  });
}

/**
 * Checks, before anything is written, whether collections to drop hold documents. So no collection is dropped when one of them cannot be
 * dropped. `drops` maps each collection to the ids of the documents that are removed before the drop.
 * @throws error with code `DATA_LOSS` that names each collection and its number of documents.
 */
export async function refuseDataLoss(session: Session, drops: ReadonlyMap<string, readonly unknown[]>): Promise<void> {
  if (session.allowDataLoss) return;
  const counts = await Promise.all(
    [...drops].map(async ([name, removed]): Promise<[string, number]> => {
      const others = { _id: { $nin: removed } } as Filter<Document>;
      return [name, await session.db.collection(name).countDocuments(others, { readPreference: 'primary' })];
    }),
  );
  const holding = counts.filter(([, count]) => count > 0);
  if (holding.length > 0) throw dataLossError(holding);
}

function dataLossError(holding: readonly (readonly [name: string, count: number])[]): SchemaError {
  return new SchemaError('DATA_LOSS', 'Dropping a collection would delete its documents, so nothing was dropped', {
    why: holding.map(([name, count]) => `the collection ${name} holds ${documents(count)}`),
    about: { kind: 'collection', counts: { documents: holding.reduce((sum, [, count]) => sum + count, 0) } },
  });
}

/** Opens a collection that an interrupted drop left closed for writes. */
export async function reopen(session: Session, name: string, before: Validation): Promise<void> {
  await send(session, { collMod: name, ...before });
}
