import { fromPlain, indexSignature, type Index, type PlainObject } from '../../schema';
import { readIndexes } from '../../database';
import { send, type Session } from '../session';
import { SchemaError } from '../../support/schema-error';

/** Attributes that collMod can set, but not remove. */
export type Attribute = 'unique' | 'expireAfterSeconds';

/**
 * Removes an attribute that collMod cannot remove. A temporary index is available to queries while the index is dropped and built again:
 * see `standInFor`.
 */
export async function rebuildWithout(
  session: Session,
  collection: string,
  name: string,
  attribute: Attribute,
): Promise<void> {
  const indexes = await readIndexes(session.db, collection);
  const there = indexes[name];
  const wanted = without(there ?? originalIn(indexes, name), attribute);
  const standIn = standInFor(name, wanted, new Map(Object.entries(indexes)));
  if (standIn === undefined) throw new SchemaError('CONFLICT', noStandIn(collection, name));
  const build = (as: string, index: Record<string, unknown>) =>
    send(session, {
      createIndexes: collection,
      indexes: [{ collation: { locale: 'simple' }, ...fromPlain(index as PlainObject), name: as }],
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
  await build(standIn.name, { ...wanted, key: standIn.key });
  if (there?.[attribute] !== undefined) await send(session, { dropIndexes: collection, index: name });
  await build(name, wanted);
  await send(session, { dropIndexes: collection, index: standIn.name });
}

/**
 * Removing `unique` also removes `prepareUnique`: an interrupted conversion to a unique index leaves this option, which already refuses
 * duplicates.
 */
function without(index: Index, attribute: Attribute): Index {
  const gone: readonly string[] = attribute === 'unique' ? ['unique', 'prepareUnique'] : [attribute];
  const { key, ...options } = index;
  return { key, ...Object.fromEntries(Object.entries(options).filter(([option]) => !gone.includes(option))) };
}

/** Returns why an attribute cannot be removed from an index; undefined when it can. */
export function wayBackProblem(
  collection: string,
  name: string,
  indexes: ReadonlyMap<string, Index>,
  attribute: Attribute,
): string | undefined {
  const index = indexes.get(name);
  if (index === undefined) return undefined;
  if (indexes.size + 2 > maxIndexes) {
    return `${collection} has ${maxIndexes} indexes, and a temporary index is needed while this index is rebuilt; drop another index first`;
  }
  return standInFor(name, without(index, attribute), indexes) === undefined ? noStandIn(collection, name) : undefined;
}

function noStandIn(collection: string, name: string): string {
  return `no other index can replace ${collection}.${name} while it is rebuilt; drop it with dropIndexes, and create it again`;
}

/** The server's limits: the number of indexes of a collection, including the index on _id, and the number of fields of an index. */
const maxIndexes = 64;
const maxFields = 32;

/** A temporary index that queries can use in place of another index. */
interface StandIn {
  readonly name: string;
  readonly key: Index['key'];
}

/**
 * Returns the temporary index that queries can use while another index is rebuilt. The temporary index has the same fields plus `_id`. If
 * one more field is not allowed (a TTL index has a single field) or would allow duplicates, the temporary index has the same fields in the
 * opposite direction, and the server reads it backwards. The temporary index has all other options of the original index, because after an
 * interrupted rebuild the original index is derived from it. Undefined when neither kind of temporary index is possible.
 */
export function standInFor(name: string, index: Index, indexes: ReadonlyMap<string, Index>): StandIn | undefined {
  const { key, unique, expireAfterSeconds } = index;
  const canAppend =
    !unique && expireAfterSeconds === undefined && !('_id' in key) && Object.keys(key).length < maxFields;
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

/** Returns whether a rebuild was interrupted: a temporary index exists. */
export function isBeingRebuilt(name: string, indexes: ReadonlyMap<string, Index>): boolean {
  return indexes.has(appendedName(name)) || indexes.has(reversedName(name));
}

function reversed(key: Index['key']): Index['key'] {
  return Object.fromEntries(
    Object.entries(key).map(([field, value]) => [field, typeof value === 'number' ? -value : value]),
  );
}

/** Derives the original index from the temporary index, when an interrupted rebuild has dropped the original. */
function originalIn(indexes: Readonly<Record<string, Index>>, name: string): Index {
  const turned = indexes[reversedName(name)];
  if (turned) return { ...turned, key: reversed(turned.key) };
  const longer = indexes[appendedName(name)];
  const { _id, ...key } = longer?.key ?? {};
  return { ...longer, key };
}
