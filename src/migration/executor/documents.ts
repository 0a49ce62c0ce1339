import { documentId, type DocumentId, equalAt, fromPlain, toPlain, type Change, type PlainObject } from '../../schema';
import { majority } from '../../history';
import type { Outcome } from './outcome';
import type { Session } from './session';

export async function insertDocuments(
  session: Session,
  collection: string,
  changes: readonly Change[],
): Promise<Outcome[]> {
  await session.guard();
  const documents = changes.map(({ to }) => fromPlain(to as PlainObject));
  await session.db.collection(collection).insertMany(documents, { ordered: true, writeConcern: majority });
  return changes.map(() => 'done');
}

/** Removes rows that are still as they were inserted. One that changes between the look and the deletion stays. */
export async function removeDocuments(
  session: Session,
  collection: string,
  changes: readonly Change[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { at, from } of changes) {
    const _id = documentId(at[2] as string);
    const rows = session.db.collection<{ _id: DocumentId }>(collection);
    const found = await rows.findOne({ _id }, { readPreference: 'primary' });
    if (!found || !equalAt(at, toPlain(found), from)) {
      outcomes.push(found ? 'kept' : 'already');
      continue;
    }
    await session.guard();
    // Compared by the server in the very deletion: an edit that comes first wins.
    const unchanged = { _id, $expr: { $eq: ['$$ROOT', { $literal: found }] } };
    const { deletedCount } = await rows.deleteOne(unchanged, { writeConcern: majority });
    outcomes.push(deletedCount === 1 ? 'done' : 'kept');
  }
  return outcomes;
}
