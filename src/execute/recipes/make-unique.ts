import { MongoServerError, type Document } from 'mongodb';
import { documentKey, fromPlain, indexSignature, type Change, type Index, type PlainObject } from '../../schema';
import { readIndexes } from '../../database';
import { send, type Session } from '../session';
import { SchemaError } from '../../support/schema-error';

const cannotConvert = 359;
const shownIds = 20;

/**
 * Makes an index unique without dropping it: from `prepareUnique` on no new duplicate gets in, then a dry run tells whether
 * any is there, then the index is converted.
 * @throws error with code `DUPLICATES` naming them; new ones are let in again by then.
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
    // A lost lease or connection leaves this to the next run, which prepares again.
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
    fix: 'merge or remove them (a backfill in an earlier migration can), and run again; until then new duplicates are accepted',
    about: { kind: 'index.unique', collection, index: name, counts: { keys: violations.length } },
    cause: error,
  });
}

/**
 * There is no way back by collMod. Another index serves the queries while the unique one is dropped and the plain one is
 * built: see `standInFor`.
 */
export async function unmakeUnique(
  session: Session,
  collection: string,
  { place: { name } }: Change<'index.unique'>,
): Promise<void> {
  const indexes = await readIndexes(session.db, collection);
  const { unique, prepareUnique, ...plain } = indexes[name] ?? originalIn(indexes, name);
  const standIn = standInFor(name, plain, new Map(Object.entries(indexes)));
  if (standIn === undefined) throw new SchemaError('CONFLICT', noStandIn(collection, name));
  const build = (as: string, index: Record<string, unknown>) =>
    send(session, {
      createIndexes: collection,
      indexes: [{ collation: { locale: 'simple' }, ...fromPlain(index as PlainObject), name: as }],
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
  // A TTL belongs to an index of one field; the stand-in may have two.
  const { expireAfterSeconds, ...withoutTtl } = plain;
  await build(standIn.name, { ...withoutTtl, key: standIn.key });
  if (unique) await send(session, { dropIndexes: collection, index: name });
  await build(name, plain);
  await send(session, { dropIndexes: collection, index: standIn.name });
}

/** Why a unique index cannot be made a plain one again; undefined when it can. */
export function wayBackProblem(
  collection: string,
  name: string,
  indexes: ReadonlyMap<string, Index>,
): string | undefined {
  const index = indexes.get(name);
  if (index === undefined) return undefined;
  if (indexes.size + 2 > maxIndexes) {
    return `${collection} has ${maxIndexes} indexes, and one more has to serve while it is made a plain one; drop another one first`;
  }
  const { unique: _unique, ...plain } = index;
  return standInFor(name, plain, indexes) === undefined ? noStandIn(collection, name) : undefined;
}

function noStandIn(collection: string, name: string): string {
  return `no other index can serve for ${collection}.${name} while it is made a plain one; drop it with dropIndexes, and create it again`;
}

/** Of a collection, with the one on _id. */
const maxIndexes = 64;
const maxFields = 32;

/** An index that serves the queries of another one. */
interface StandIn {
  readonly name: string;
  readonly key: Index['key'];
}

/**
 * The index that serves while a unique one is rebuilt as a plain one: over the same fields and `_id`, or, where that would be a
 * field too many, over the same fields in reverse, which the server reads backwards. Undefined where neither can be.
 */
export function standInFor(name: string, index: Index, indexes: ReadonlyMap<string, Index>): StandIn | undefined {
  const { key } = index;
  const canAppend = !('_id' in key) && Object.keys(key).length < maxFields;
  const canReverse = Object.values(key).some((value) => typeof value === 'number');
  const candidates: readonly StandIn[] = [
    ...(canAppend ? [{ name: appendedName(name), key: { ...key, _id: 1 } }] : []),
    ...(canReverse ? [{ name: reversedName(name), key: reversed(key) }] : []),
  ];
  const isFree = (standIn: StandIn) =>
    [...indexes].every(
      ([other, there]) =>
        other === standIn.name || indexSignature(there) !== indexSignature({ ...index, key: standIn.key }),
    );
  return candidates.find((standIn) => indexes.has(standIn.name)) ?? candidates.find(isFree);
}

function appendedName(index: string): string {
  return `${index}_rebuilding`;
}

function reversedName(index: string): string {
  return `${index}_reversed`;
}

/** Whether a rebuild was interrupted: one of the indexes that serve meanwhile is there. */
export function isBeingRebuilt(name: string, indexes: ReadonlyMap<string, Index>): boolean {
  return indexes.has(appendedName(name)) || indexes.has(reversedName(name));
}

function reversed(key: Index['key']): Index['key'] {
  return Object.fromEntries(
    Object.entries(key).map(([field, value]) => [field, typeof value === 'number' ? -value : value]),
  );
}

/** An interrupted rebuild has left the stand-in alone; it says what it stands for. */
function originalIn(indexes: Readonly<Record<string, Index>>, name: string): Index {
  const turned = indexes[reversedName(name)];
  if (turned) return { ...turned, key: reversed(turned.key) };
  const longer = indexes[appendedName(name)];
  const { _id, ...key } = longer?.key ?? {};
  return { ...longer, key };
}
