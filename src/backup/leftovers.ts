import type { Binary, Collection, Db } from 'mongodb';
import { majority } from '../database';
import { isRestoreName, ownCollections } from '../schema';
import { isSame, look, uuidIn } from './swap-plan';

/** A collection that a restore made or renamed, and that is not needed after the restore. */
export interface Leftover {
  readonly name: string;
  /** Undefined when this record was written before the collection was made. */
  readonly uuid?: Binary;
}

/**
 * A document, stored with the lease, that lists leftovers. It lets the next restore distinguish leftovers from other collections with
 * similar names.
 */
interface Note {
  readonly _id: 'restore-leftovers';
  readonly collections: readonly Leftover[];
}

function notesOf(db: Db): Collection<Note> {
  return db.collection<Note>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

/** Returns the collections that an earlier restore may have left behind, whether it ended or was interrupted before it changed anything. */
export async function readLeftovers(db: Db): Promise<readonly Leftover[]> {
  return (await notesOf(db).findOne({ _id: 'restore-leftovers' }))?.collections ?? [];
}

/** Records collections. Call this before the collections are made, or before other records of them are removed. */
export async function noteLeftovers(db: Db, collections: readonly Leftover[]): Promise<void> {
  await notesOf(db).replaceOne({ _id: 'restore-leftovers' }, { collections }, { upsert: true });
}

/** Drops the recorded collections. A collection is kept if another one has taken its name in the meantime. */
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
