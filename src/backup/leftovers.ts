import type { Binary, Collection, Db } from 'mongodb';
import { majority } from '../database';
import { isRestoreName, ownCollections } from '../schema';
import { isSame, look, uuidIn } from './swap-plan';

/** A collection that a restore made or set aside, and that nobody needs once it is over. */
export interface Leftover {
  readonly name: string;
  /** Absent where it was not known when this was written: before the collection was made. */
  readonly uuid?: Binary;
}

/** Kept beside the lease, so that whoever restores next can tell these collections from others of such names. */
interface Note {
  readonly _id: 'restore-leftovers';
  readonly collections: readonly Leftover[];
}

function notesOf(db: Db): Collection<Note> {
  return db.collection<Note>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

/** What restores that are over, or were cut off before they changed anything, may have left. */
export async function readLeftovers(db: Db): Promise<readonly Leftover[]> {
  return (await notesOf(db).findOne({ _id: 'restore-leftovers' }))?.collections ?? [];
}

/** To be called before they are made, or before what else tells of them goes. */
export async function noteLeftovers(db: Db, collections: readonly Leftover[]): Promise<void> {
  await notesOf(db).replaceOne({ _id: 'restore-leftovers' }, { collections }, { upsert: true });
}

/** Drops what is noted, and nothing that is another collection by now. */
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
    // A drop of a time series takes no UUID.
    const fence = standing.get(name)?.type === 'collection' && there ? { collectionUUID: there } : {};
    await db.command({ drop: name, ...fence, writeConcern: majority });
  }
  await notesOf(db).deleteOne({ _id: 'restore-leftovers' });
}
