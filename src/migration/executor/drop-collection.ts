import type { Document, Filter } from 'mongodb';
import { encodeClosed, validationOf, type Validation } from '../../schema';
import { send, type Session } from './session';

/**
 * Drops a collection. One that may hold documents is first closed to writes, then counted, and opened again when the
 * run must not lose them: so no document can slip in between the count and the drop.
 * @throws Error with code `DATA_LOSS` when it holds documents and the run may not lose any.
 */
export async function dropCollection(session: Session, name: string): Promise<void> {
  if (!session.allowDataLoss) await closeEmpty(session, name);
  await send(session, { drop: name });
}

async function closeEmpty(session: Session, name: string): Promise<void> {
  const [info] = await session.db.listCollections({ name }, { nameOnly: false, readPreference: 'primary' }).toArray();
  const before = validationOf((info as Document | undefined)?.['options'] as Document);
  await send(session, { collMod: name, ...encodeClosed(before) });
  const count = await session.db
    .collection(name)
    .countDocuments({}, { readPreference: 'primary', readConcern: 'local' })
    .catch(async (error: unknown) => {
      await send(session, { collMod: name, ...before });
      throw error;
    });
  if (count === 0) return;
  await send(session, { collMod: name, ...before });
  throw dataLossError([[name, count]]);
}

/**
 * Before anything is written: looks whether collections that are to be dropped hold documents, so that none is dropped
 * when one cannot be. The ids are those of the documents that are removed first.
 * @throws Error with code `DATA_LOSS` naming each of them and its number of documents.
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

function dataLossError(holding: readonly (readonly [name: string, count: number])[]): Error {
  const what = holding.map(([name, count]) => `${name} holds ${count} ${count === 1 ? 'document' : 'documents'}`);
  const message = `The collection ${what.join(', the collection ')}, which dropping it would lose. Nothing was dropped.`;
  return Object.assign(new Error(message), { code: 'DATA_LOSS' });
}

/** Opens a collection that an interrupted drop left closed. */
export async function reopen(session: Session, name: string, before: Validation): Promise<void> {
  await send(session, { collMod: name, ...before });
}
