import type { Collection, Db } from 'mongodb';
import { ownCollections } from '../schema';
import { shown } from '../shown';
import { whoAmI, type Actor } from './actor';
import { majority } from './durability';

/** A restore that has begun to change a database and has not come to its end. Kept beside the lease. */
export interface Unfinished extends Actor {
  readonly _id: 'restore';
  /** What was being restored. */
  readonly file: string;
  /** What was there before; absent when the database was empty. */
  readonly safety?: string;
  readonly since: Date;
}

function markersOf(db: Db): Collection<Unfinished> {
  return db.collection<Unfinished>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

export function readUnfinished(db: Db): Promise<Unfinished | null> {
  return markersOf(db).findOne({ _id: 'restore' });
}

/** To be called right before the first change. */
export async function markUnfinished(
  db: Db,
  { file, safety }: { file: string; safety?: string | undefined },
): Promise<void> {
  await putMarker(db, {
    _id: 'restore',
    file,
    ...whoAmI(),
    since: new Date(),
    ...(safety !== undefined && { safety }),
  });
}

export async function putMarker(db: Db, { _id, ...marker }: Unfinished): Promise<void> {
  await markersOf(db).replaceOne({ _id }, marker, { upsert: true });
}

export async function clearUnfinished(db: Db): Promise<void> {
  await markersOf(db).deleteOne({ _id: 'restore' });
}

/** What happened, and where the data are. */
export function describeUnfinished({ file, safety, since, user, host }: Unfinished): string {
  const before =
    safety === undefined
      ? 'The database was empty before.'
      : `What was there before is in ${shown(safety)} on ${host}.`;
  return `A restore of ${shown(file)} by ${user} on ${host} (${since.toISOString()}) did not come to its end, so the database is half restored. ${before}`;
}

/**
 * What is applied to a half restored database, nobody can tell: its changelog may be there and its collections not.
 * @throws Error with code `HISTORY` that names what was being restored, and what was there before
 */
export async function refuseUnfinished(
  db: Db,
  otherwise = 'until then nothing can be applied or rolled back',
): Promise<void> {
  const unfinished = await readUnfinished(db);
  if (!unfinished) return;
  const files = unfinished.safety === undefined ? 'it' : 'one of the two';
  const message = `${describeUnfinished(unfinished)} Way out: restore ${files} with \`restore FILE --drop\`; ${otherwise}.`;
  throw Object.assign(new Error(message), { code: 'HISTORY' });
}
