import { fromPlain, indexSignature, type Index, type PlainObject } from '../../schema';
import { readIndexes } from '../../database';
import { send, type Session } from '../session';
import { SchemaError } from '../../support/schema-error';

/** What collMod gives an index, and does not take away again. */
export type Attribute = 'unique' | 'expireAfterSeconds';

/**
 * Takes an attribute off an index, for which collMod knows no way. Another index serves the queries while this one is dropped
 * and built again: see `standInFor`.
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

/** A unique index that is interrupted on its way refuses duplicates already. */
function without(index: Index, attribute: Attribute): Index {
  const gone: readonly string[] = attribute === 'unique' ? ['unique', 'prepareUnique'] : [attribute];
  const { key, ...options } = index;
  return { key, ...Object.fromEntries(Object.entries(options).filter(([option]) => !gone.includes(option))) };
}

/** Why an attribute cannot be taken off an index; undefined when it can. */
export function wayBackProblem(
  collection: string,
  name: string,
  indexes: ReadonlyMap<string, Index>,
  attribute: Attribute,
): string | undefined {
  const index = indexes.get(name);
  if (index === undefined) return undefined;
  if (indexes.size + 2 > maxIndexes) {
    return `${collection} has ${maxIndexes} indexes, and one more has to serve while it is built again; drop another one first`;
  }
  return standInFor(name, without(index, attribute), indexes) === undefined ? noStandIn(collection, name) : undefined;
}

function noStandIn(collection: string, name: string): string {
  return `no other index can serve for ${collection}.${name} while it is built again; drop it with dropIndexes, and create it again`;
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
 * The index that serves while another one is built again: over the same fields and `_id`, or, where that would be a field too
 * many (a TTL takes one alone), or would let duplicates in, over the same fields in reverse, which the server reads backwards. It has
 * all other options, for an interrupted rebuild knows the index by it. Undefined where neither can be.
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

/** Whether a rebuild was interrupted: one of the indexes that serve meanwhile is there. */
export function isBeingRebuilt(name: string, indexes: ReadonlyMap<string, Index>): boolean {
  return indexes.has(appendedName(name)) || indexes.has(reversedName(name));
}

function reversed(key: Index['key']): Index['key'] {
  return Object.fromEntries(
    Object.entries(key).map(([field, value]) => [field, typeof value === 'number' ? -value : value]),
  );
}

/** If an interrupted rebuild left only the stand-in index, the original index is derived from that. */
function originalIn(indexes: Readonly<Record<string, Index>>, name: string): Index {
  const turned = indexes[reversedName(name)];
  if (turned) return { ...turned, key: reversed(turned.key) };
  const longer = indexes[appendedName(name)];
  const { _id, ...key } = longer?.key ?? {};
  return { ...longer, key };
}
