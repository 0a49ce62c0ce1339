import { BSON, type Db, type Document } from 'mongodb';
import { listCollections, uuidsOf } from '../database';
import type { Transfer } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import { bytesOf, exactDocument, exactField } from '../support/exact-bson';
import { write, type Session } from './session';

/** The limit for one delete command, in bytes. The filter of each delete contains the whole document twice. */
const largestDelete = 8 * 2 ** 20;

/** @see DataContext.transfer */
export async function transfer(
  { db, guard }: Pick<Session, 'db' | 'guard'>,
  { from, to, whenMatched }: Transfer,
  ids: readonly Uint8Array[],
): Promise<number> {
  const among = { _id: { $in: ids.map((raw) => exactly(exactField(raw, '_id'), from)) } } as unknown as Document;
  const read = (name: string) => rawDocuments(db, name, among);
  const [found, before] = await Promise.all([listCollections(db, [from]), read(from)]);
  const session = { db, guard, uuids: uuidsOf(found) };
  // This pipeline keeps an existing document. The server's own `keepExisting` would change the order of the fields of a new document.
  const existing = whenMatched === 'replace' ? whenMatched : [{ $replaceWith: '$$ROOT' }];
  const merge = { into: to, on: '_id', whenMatched: existing, whenNotMatched: 'insert' };
  await write(session, { aggregate: from, pipeline: [{ $match: among }, { $merge: merge }], cursor: {} });
  const copies = await read(to);
  const deletes = [...before].flatMap(([id, raw]) => {
    const copy = copies.get(id);
    if (!copy || Buffer.compare(copy, raw) !== 0) return [];
    const document = { $literal: exactly(exactDocument(raw), from) };
    // Two different strings may be equal in a collation. The comparison of the hashes finds that their bytes differ.
    const isSame = [
      ['$$ROOT', document],
      [{ $toHashedIndexKey: '$$ROOT' }, { $toHashedIndexKey: document }],
    ];
    const q = {
      _id: { $eq: exactly(exactField(raw, '_id'), from) },
      $expr: { $and: isSame.map((pair) => ({ $eq: pair })) },
    };
    return [{ statement: { q, limit: 1 }, size: 2 * raw.length }];
  });
  let moved = 0;
  for (const statements of chunksOf(deletes)) {
    const { n } = await write(session, { delete: from, deletes: statements });
    moved += Number(n);
  }
  return moved;
}

/** Returns the documents as a map. Each key consists of the bytes of the document's `_id`. */
async function rawDocuments(db: Db, name: string, filter: Document): Promise<Map<string, Uint8Array>> {
  const found = await db.collection(name).find(filter, { raw: true, readPreference: 'primary' }).toArray();
  return new Map(found.map(bytesOf).map((raw) => [idOf(raw), raw]));
}

function idOf(raw: Uint8Array): string {
  const { value } = exactField(raw, '_id') ?? {};
  return Buffer.from(BSON.serialize(new Map([['', value]]))).toString('latin1');
}

function exactly(found: { readonly value: unknown } | undefined, collection: string): unknown {
  if (found) return found.value;
  throw new SchemaError('PREFLIGHT', `A document of ${collection} cannot be moved to another collection`, {
    why: 'the document contains a value that the driver cannot send unchanged, such as a date beyond the year 275760, or a deprecated type',
    fix: 'correct or remove that value by hand',
  });
}

function* chunksOf<T>(items: readonly { readonly statement: T; readonly size: number }[]): Generator<T[]> {
  let chunk: T[] = [];
  let size = 0;
  for (const item of items) {
    if (chunk.length > 0 && size + item.size > largestDelete) {
      yield chunk;
      [chunk, size] = [[], 0];
    }
    chunk.push(item.statement);
    size += item.size;
  }
  if (chunk.length > 0) yield chunk;
}
