import { readIndexes } from '../../database';
import { own, type Change } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { send, type Session } from '../session';
import type { JudgedChange, Outcome } from './execution';
import { unindexable } from './index-looks';
import { createIndexes } from './indexes';

/**
 * Replaces text indexes: drops the old index, then builds the new index under the same name. A collection can have only one text index, so
 * searches fail until the new index is built.
 */
export async function replaceTextIndexes(
  session: Session,
  collection: string,
  judged: readonly JudgedChange<'index'>[],
): Promise<Outcome[]> {
  for (const { change, verdict } of judged) {
    const indexes = verdict === 'pending' ? await readIndexes(session.db, collection) : {};
    if (!own(indexes, change.place.name)) continue;
    await refuseUnindexable(session, change);
    await send(session, { dropIndexes: collection, index: change.place.name });
  }
  return createIndexes(session, collection, judged);
}

/** Refuses a change whose build would fail. Otherwise the collection would be left without its text index. */
async function refuseUnindexable({ db }: Session, { place: { collection, name }, to }: Change<'index'>): Promise<void> {
  const why: string[] = [];
  for (const { measure } of to ? unindexable(collection, to) : []) {
    const found = await measure(db, 0);
    if (found?.count !== undefined) why.push(`${collection}: ${found.message}`);
  }
  if (why.length === 0) return;
  throw new SchemaError(
    'PREFLIGHT',
    `The text index ${collection}.${name} cannot be changed, so it was left unchanged`,
    {
      why,
      fix: 'correct these documents, and run again',
    },
  );
}
