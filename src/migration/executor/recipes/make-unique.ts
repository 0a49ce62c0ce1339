import { MongoServerError, type Document } from 'mongodb';
import type { Change, Index } from '../../../schema';
import { documentKey, readIndexes } from '../../../schema';
import { send, type Session } from '../session';

const cannotConvert = 359;
const shownIds = 20;

/**
 * Makes an index unique without dropping it: from `prepareUnique` on no new duplicate gets in, then a dry run tells whether
 * any is there, then the index is converted.
 * @throws Error naming the duplicates; new ones are let in again by then.
 * @see https://www.mongodb.com/docs/v7.0/core/index-unique/convert-to-unique/
 */
export async function makeUnique(session: Session, collection: string, { at }: Change): Promise<void> {
  const name = at[2];
  const change = (options: Document) => send(session, { collMod: collection, index: { name, ...options } });
  await change({ prepareUnique: true });
  try {
    await send(session, { collMod: collection, index: { name, unique: true }, dryRun: true });
    await change({ unique: true });
  } catch (error) {
    // A lost lease or connection leaves this to the next run, which prepares again.
    await change({ prepareUnique: false }).catch(() => undefined);
    throw error instanceof MongoServerError && error.code === cannotConvert
      ? duplicatesError(collection, String(name), error)
      : error;
  }
}

function duplicatesError(collection: string, name: string, error: MongoServerError): Error {
  const violations = (error.errorResponse['violations'] ?? []) as { ids: unknown[] }[];
  const groups = violations.slice(0, shownIds).map(({ ids }) => ids.map(documentKey).join(' and '));
  const more = violations.length > shownIds ? `, and ${violations.length - shownIds} more` : '';
  const message =
    `The index ${collection}.${name} cannot be made unique: documents have equal keys, by _id ${groups.join('; ')}${more}. ` +
    'Merge or remove them (a backfill in an earlier migration can), and run again. New duplicates are let in meanwhile.';
  return Object.assign(new Error(message, { cause: error }), {
    code: 'DUPLICATES',
    summary: `Duplicates keep ${collection}.${name} from being unique`,
  });
}

/**
 * There is no way back by collMod. An index over the same fields and `_id` serves the queries while the unique one is
 * dropped and the plain one is built.
 */
export async function unmakeUnique(session: Session, collection: string, { at }: Change): Promise<void> {
  const name = String(at[2]);
  const standIn = standInName(name);
  const indexes = await readIndexes(session.db, collection);
  const { unique, prepareUnique, ...plain } = indexes[name] ?? withoutId(indexes[standIn]);
  const build = (as: string, index: Record<string, unknown>) =>
    send(session, {
      createIndexes: collection,
      indexes: [{ collation: { locale: 'simple' }, ...index, name: as }],
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
  // A TTL belongs to an index of one field; the stand-in has two.
  const { expireAfterSeconds, ...withoutTtl } = plain;
  await build(standIn, { ...withoutTtl, key: { ...plain.key, _id: 1 } });
  if (unique) await send(session, { dropIndexes: collection, index: name });
  await build(name, plain);
  await send(session, { dropIndexes: collection, index: standIn });
}

/** The name of the index that serves while a unique one is rebuilt as a plain one. */
export function standInName(index: string): string {
  return `${index}_rebuilding`;
}

/** An interrupted rebuild has left the stand-in alone: what it stands for has the same fields but its last. */
function withoutId(standIn: Index | undefined): Index {
  const { _id, ...key } = standIn?.key ?? {};
  return { ...standIn, key };
}
