import type { Document } from 'mongodb';
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
  throw Object.assign(
    new Error(
      `The collection ${name} holds ${count} ${count === 1 ? 'document' : 'documents'}, which dropping it would lose. ` +
        'Nothing was dropped. To lose them, say so by the name of the migration: SCHEMA_ALLOW_DATA_LOSS=NAME.',
    ),
    { code: 'DATA_LOSS' },
  );
}

/** Opens a collection that an interrupted drop left closed. */
export async function reopen(session: Session, name: string, before: Validation): Promise<void> {
  await send(session, { collMod: name, ...before });
}
