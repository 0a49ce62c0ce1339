import type { Collection, Db, Document } from 'mongodb';
import { ownCollections } from '../schema/own-collections';
import { shown } from '../support/display-path';
import { oneLine } from '../support/printable';
import { SchemaError } from '../support/schema-error';
import { whoAmI, type Actor } from './actor';
import type { NamesOptions } from './changelog';
import { majority } from '../database/durability';
import { isDate, numberOr, textOr } from './shapes';

/** A restore that has begun to change a database and has not finished. This document is stored in the collection of the lease. */
export interface Unfinished extends Actor {
  readonly _id: 'restore';
  /** The backup file. */
  readonly file: string;
  /** The safety copy of the previous data; undefined when no copy was made. */
  readonly safety?: string;
  readonly since: Date;
  /**
   * The planned exchange of the present collections for the restored ones, for a run that resumes or undoes the restore. Undefined when an
   * earlier version of the tool began the restore.
   */
  readonly swap?: Document;
}

function markersOf(db: Db): Collection<Unfinished> {
  return db.collection<Unfinished>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

/** Returns the unfinished restore. Leaves out fields of the wrong type. */
export async function readUnfinished(db: Db): Promise<Unfinished | null> {
  const found = await markersOf(db).findOne<Document>({ _id: 'restore' });
  if (!found) return null;
  const { file, safety, since, user, host, pid, ...others } = found;
  return {
    ...others,
    _id: 'restore',
    file: textOr(file, 'unknown'),
    ...(typeof safety === 'string' && { safety }),
    since: isDate(since) ? since : new Date(0),
    user: textOr(user, 'unknown'),
    host: textOr(host, 'unknown'),
    pid: numberOr(pid, 0),
  };
}

/** Returns whether a restore has begun and not finished. Health checks call this function, and may ask any member of the replica set. */
export async function isHalfRestored(db: Db, options: NamesOptions = {}): Promise<boolean> {
  return (await markersOf(db).findOne({ _id: 'restore' }, { ...options, projection: { _id: 1 } })) !== null;
}

/** Records that a restore begins. Call this function right before the first change. */
export async function markUnfinished(
  db: Db,
  { file, safety, swap }: { file: string; safety?: string | undefined; swap?: Document | undefined },
): Promise<void> {
  await putMarker(db, {
    _id: 'restore',
    file,
    ...whoAmI(),
    since: new Date(),
    ...(safety !== undefined && { safety }),
    ...(swap && { swap }),
  });
}

export async function putMarker(db: Db, { _id, ...marker }: Unfinished): Promise<void> {
  await markersOf(db).replaceOne({ _id }, marker, { upsert: true });
}

export async function clearUnfinished(db: Db): Promise<void> {
  await markersOf(db).deleteOne({ _id: 'restore' });
}

/** Describes what the restore has changed, and where the previous data are. */
export function describeUnfinished({ file, safety, since, user, host, swap }: Unfinished): string {
  const place = safety === undefined ? undefined : `${oneLine(shown(safety))} on ${oneLine(host)}`;
  const before = swap
    ? 'The database still contains the previous data, in addition to the restored data.' +
      (place === undefined ? '' : ` A copy of the previous data is in ${place}.`)
    : place === undefined
      ? 'The database was empty before.'
      : `The previous data are in ${place}.`;
  return `A restore of ${oneLine(shown(file))} by ${oneLine(user)} on ${oneLine(host)} (${since.toISOString()}) did not finish, so the database is half restored. ${before}`;
}

/** Returns the commands that finish or undo the restore. */
export function fixOfUnfinished({ safety, swap }: Unfinished): string {
  if (swap) return 'undo the restore with `restore --undo`, or finish it with `restore --resume`';
  return `restore ${safety === undefined ? 'the backup' : 'one of the two files'} with \`restore FILE --drop\``;
}

/**
 * Refuses to work on a half restored database. The changelog of such a database may already be restored although its collections are not.
 * @throws error with code `HISTORY` that names the backup, and how to finish or undo the restore
 */
export async function refuseUnfinished(
  db: Db,
  otherwise = 'no migration can be applied or rolled back before that',
): Promise<void> {
  const unfinished = await readUnfinished(db);
  if (unfinished) throw unfinishedError(unfinished, otherwise);
}

export function unfinishedError(unfinished: Unfinished, otherwise: string): SchemaError {
  return new SchemaError('HISTORY', 'The database is half restored, so nothing was changed', {
    why: describeUnfinished(unfinished),
    fix: `${fixOfUnfinished(unfinished)}; ${otherwise}`,
  });
}
