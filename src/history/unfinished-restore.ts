import type { Collection, Db, Document } from 'mongodb';
import { ownCollections } from '../schema/own-collections';
import { shown } from '../support/display-path';
import { oneLine } from '../support/printable';
import { SchemaError } from '../support/schema-error';
import { whoAmI, type Actor } from './actor';
import type { NamesOptions } from './changelog';
import { majority } from '../database/durability';
import { isDate, numberOr, textOr } from './shapes';

/** A restore that has begun to change a database and has not come to its end. Kept beside the lease. */
export interface Unfinished extends Actor {
  readonly _id: 'restore';
  /** What was being restored. */
  readonly file: string;
  /** The safety copy of what was there before; absent where none was taken. */
  readonly safety?: string;
  readonly since: Date;
  /** What is exchanged for what, for those who go on with it; absent where an earlier version began the restore. */
  readonly swap?: Document;
}

function markersOf(db: Db): Collection<Unfinished> {
  return db.collection<Unfinished>(ownCollections.lock, { readPreference: 'primary', writeConcern: majority });
}

/** What is known of it, whatever shape the document has. */
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

/** Whether a restore has begun and has not come to its end: for those who look in passing, on whatever server answers. */
export async function isHalfRestored(db: Db, options: NamesOptions = {}): Promise<boolean> {
  return (await markersOf(db).findOne({ _id: 'restore' }, { ...options, projection: { _id: 1 } })) !== null;
}

/** To be called right before the first change. */
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

/** What happened, and where the data are. */
export function describeUnfinished({ file, safety, since, user, host, swap }: Unfinished): string {
  const place = safety === undefined ? undefined : `${oneLine(shown(safety))} on ${oneLine(host)}`;
  const before = swap
    ? 'What was there before is still in the database, beside what is restored.' +
      (place === undefined ? '' : ` A copy of it is in ${place}.`)
    : place === undefined
      ? 'The database was empty before.'
      : `What was there before is in ${place}.`;
  return `A restore of ${oneLine(shown(file))} by ${oneLine(user)} on ${oneLine(host)} (${since.toISOString()}) did not come to its end, so the database is half restored. ${before}`;
}

/** What ends an unfinished restore, one way or the other. */
export function fixOfUnfinished({ safety, swap }: Unfinished): string {
  if (swap) return 'take it back with `restore --undo`, or finish it with `restore --resume`';
  return `restore ${safety === undefined ? 'it' : 'one of the two'} with \`restore FILE --drop\``;
}

/**
 * What is applied to a half restored database, nobody can tell: its changelog may be there and its collections not.
 * @throws error with code `HISTORY` that names what was being restored, and what ends it
 */
export async function refuseUnfinished(
  db: Db,
  otherwise = 'until then nothing can be applied or rolled back',
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
