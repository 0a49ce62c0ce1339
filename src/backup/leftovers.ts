import type { Binary, Collection, Db } from 'mongodb';
import { majority } from '../database';
import { isRestoreName, ownCollections } from '../schema';
import { isSame, look, uuidIn } from './swap-plan';

/** A collection that a restore made or renamed, and that is no longer needed after it. */
export interface Leftover {
  readonly name: string;
  /** Undefined when this record was written before the collection was made. */
  readonly uuid?: Binary;
}

/** Stored beside the lease, so that the next restore can distinguish these collections from other collections with similar names. */
interface Note {
  readonly _id: 'restore-leftovers';
  readonly collections: readonly Leftover[];
}

function notesOf(db: Db): Collection<Note> {
  return db.collection<Note>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

/** Returns the collections that earlier restores may have left, if they ended or were interrupted before they changed anything. */
export async function readLeftovers(db: Db): Promise<readonly Leftover[]> {
  return (await notesOf(db).findOne({ _id: 'restore-leftovers' }))?.collections ?? [];
}

/** Records collections. Call it before they are made, or before other records of them are removed. */
export async function noteLeftovers(db: Db, collections: readonly Leftover[]): Promise<void> {
  await notesOf(db).replaceOne({ _id: 'restore-leftovers' }, { collections }, { upsert: true });
}

/** Drops the recorded collections, unless another collection has the name by now. */
export async function removeLeftovers(db: Db, guard: () => Promise<void>): Promise<void> {
  const noted = (await readLeftovers(db)).filter(({ name }) => isRestoreName(name));
  const standing = await look(
    db,
    noted.map(({ name }) => name),
  );
  for (const { name, uuid } of noted) {
    const there = uuidIn(standing, name);
    if (!standing.has(name) || (uuid && !isSame(there, uuid))) continue;
    await guard();
    // The drop command of a time series accepts no UUID.
    const fence = standing.get(name)?.type === 'collection' && there ? { collectionUUID: there } : {};
    await db.command({ drop: name, ...fence, writeConcern: majority });
  }
  await notesOf(db).deleteOne({ _id: 'restore-leftovers' });
}
