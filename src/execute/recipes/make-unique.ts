import { MongoServerError, type Document } from 'mongodb';
import { documentKey, type Change } from '../../schema';
import { send, type Session } from '../session';
import { SchemaError } from '../../support/schema-error';

const cannotConvert = 359;
const shownIds = 20;

/**
 * Makes an index unique without dropping it. `prepareUnique` refuses new duplicates, a dry run finds existing ones,
 * and then the index is converted.
 * @throws error with code `DUPLICATES` that names the duplicates. When this error is thrown, the index accepts new duplicates again.
 * @see https://www.mongodb.com/docs/v7.0/core/index-unique/convert-to-unique/
 */
export async function makeUnique(
  session: Session,
  collection: string,
  { place: { name } }: Change<'index.unique'>,
): Promise<void> {
  const change = (options: Document) => send(session, { collMod: collection, index: { name, ...options } });
  await change({ prepareUnique: true });
  try {
    await send(session, { collMod: collection, index: { name, unique: true }, dryRun: true });
    await change({ unique: true });
  } catch (error) {
    // After a lost lease or connection, this command fails as well. The next run then tries the conversion again, and sends this command if
    // the conversion fails.
    await change({ prepareUnique: false }).catch(() => undefined);
    throw error instanceof MongoServerError && error.code === cannotConvert
      ? duplicatesError(collection, name, error)
      : error;
  }
}

function duplicatesError(collection: string, name: string, error: MongoServerError): SchemaError {
  const violations = (error.errorResponse['violations'] ?? []) as { ids: unknown[] }[];
  const groups = violations.slice(0, shownIds).map(({ ids }) => ids.map(documentKey).join(' and '));
  const more = violations.length > shownIds ? `, and ${violations.length - shownIds} more` : '';
  return new SchemaError('DUPLICATES', `The index ${collection}.${name} cannot be made unique`, {
    why: `documents have equal keys, by _id: ${groups.join('; ')}${more}`,
    fix: 'merge or remove these documents (for example with a backfill in an earlier migration), and run again; as long as the index is not unique, the server accepts new duplicates',
    about: { kind: 'index.unique', collection, index: name, counts: { keys: violations.length } },
    cause: error,
  });
}
