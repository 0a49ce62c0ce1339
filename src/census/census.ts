import { parseSchema } from 'mongodb-schema';
import type { Db, Document } from 'mongodb';
import { readSchema, withReads, type Target } from '../database';
import { KnownFields } from '../migration';
import { fromPlain, isPlainObject, type Contents, type PlainObject } from '../schema';
import { nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';
import { enumsOf } from './enums';
import { seenFields, type SeenField } from './fields';
import { shareOf, type Share } from './share';

export interface CensusOptions extends Target {
  /** The collections to look at. The default is all. */
  readonly collections?: readonly string[];
  /** How many documents of each collection to look at. The default is 1,000. */
  readonly sample?: number;
}

/** What the documents of a database look like. It contains no values of documents. */
export interface Census {
  readonly at: string;
  readonly collections: Readonly<Record<string, CollectionCensus>>;
}

export interface CollectionCensus {
  /** The server's own count, which can be inexact after an unclean shutdown. */
  readonly documents: number;
  readonly sampled: number;
  /** The fields that documents have, declared or not. */
  readonly fields: readonly SeenField[];
  /** Fields that no validator and no index mentions. Empty when the validator lists no fields. */
  readonly undeclared: readonly SeenField[];
  /** Fields with values of several types, unless the validator lists these types. All numbers count as one type. */
  readonly mixed: readonly SeenField[];
  /** Fields that the validator declares, but that at most one in a hundred documents has. */
  readonly rare: readonly { readonly path: string; readonly presence: Share }[];
  /** For fields with an enum in the validator: the documents with a value that the enum does not list. */
  readonly outsideEnums: readonly { readonly path: string; readonly values: number; readonly documents: Share }[];
  /** The documents that violate the validator, whatever its validation level is; undefined when there is no validator. */
  readonly refused?: Share;
}

/** A field counts as rare when at most this share of the documents has it. */
const rareBelow = 0.01;
/** With fewer documents than this, no field is reported as rare. */
const fewest = 100;
/** How many `_id`s one query contains. */
const idsAtOnce = 1_000;

/**
 * Reads a sample of the documents of each collection, and compares it with the collection's validator and indexes. Writes
 * nothing; the role `read` is enough.
 * @throws error with code `USAGE` for a collection that does not exist.
 */
export function census({ collections, sample = 1_000, ...target }: CensusOptions): Promise<Census> {
  return withReads(target, async ({ db }) => {
    const { schema } = await readSchema(db, { readsWhatItMay: true });
    const names = Object.keys(schema).filter((name) => schema[name]?.view === undefined);
    refuseUnknown(collections ?? [], names);
    const found: [string, CollectionCensus][] = [];
    for (const name of collections ?? names) {
      found.push([name, await lookAt(db, name, schema[name] ?? {}, sample)]);
    }
    return { at: new Date().toISOString(), collections: Object.fromEntries(found) };
  });
}

function refuseUnknown(wanted: readonly string[], names: readonly string[]): void {
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, names);
  throw new SchemaError('USAGE', `There is no collection ${unknown}`, {
    fix: meant === undefined ? `name one of ${names.join(', ')}` : `did you mean ${meant}?`,
  });
}

async function lookAt(db: Db, name: string, contents: Contents, sample: number): Promise<CollectionCensus> {
  const collection = db.collection(name);
  const documents = await collection.estimatedDocumentCount();
  const isAll = documents <= sample;
  const ids: unknown[] = [];
  const stages: Document[] = isAll ? [] : [{ $sample: { size: sample } }];
  const cursor = collection.aggregate(stages, { promoteValues: false, bsonRegExp: true, allowDiskUse: true });
  const seen = await parseSchema(keepIds(cursor, ids), { storeValues: false, semanticTypes: false });
  const fields = seenFields(seen, isAll);
  const known = knownFields(contents);
  const counted = (filter: Document) => countAmong(db, name, ids, filter);
  const sampled = seen.count;
  const validator = contents.validator?.validator;
  const enums = validator ? enumsOf(validator) : [];
  const outside = await Promise.all(
    enums.map(async ({ path, values, outside: filter }) => ({
      path,
      values,
      documents: shareOf(await counted(filter), sampled, isAll),
    })),
  );
  const refused = validator && shareOf(await counted({ $nor: [fromPlain(validator)] }), sampled, isAll);
  return {
    documents,
    sampled,
    fields,
    undeclared: topmost(fields.filter(({ names }) => !known.has(names))),
    mixed: fields.filter((field) => isMixed(field) && !isDeclaredSo(field, validator)),
    rare: sampled === 0 ? [] : rareAmong(known.paths(), fields, sampled, isAll),
    outsideEnums: outside.filter(({ documents: { count } }) => count > 0),
    ...(refused && { refused }),
  };
}

async function* keepIds(documents: AsyncIterable<Document>, ids: unknown[]): AsyncGenerator<Document> {
  for await (const document of documents) {
    ids.push(document['_id']);
    yield document;
  }
}

/** Counts the documents with these `_id`s that match the filter. */
async function countAmong(db: Db, name: string, ids: readonly unknown[], filter: Document): Promise<number> {
  let count = 0;
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const among = { _id: { $in: ids.slice(at, at + idsAtOnce) } };
    count += await db.collection(name).countDocuments({ $and: [among, filter] } as Document);
  }
  return count;
}

/** Returns the fields that the validator and the indexes mention. */
function knownFields({ validator, indexes = {} }: Contents): KnownFields {
  const known = new KnownFields();
  known.add(['_id']);
  if (validator) known.addValidator(validator);
  for (const { key } of Object.values(indexes)) {
    for (const path of Object.keys(key)) if (!path.includes('$')) known.add(path.split('.'));
  }
  return known;
}

/** Returns the fields that are not inside another field of the list. */
function topmost(fields: readonly SeenField[]): SeenField[] {
  const paths = fields.map(({ path }) => path);
  return fields.filter(({ path }) => !paths.some((other) => other !== path && isIn(path, other)));
}

function isIn(path: string, other: string): boolean {
  return path.startsWith(`${other}.`) || path.startsWith(`${other}[]`);
}

function isMixed({ types }: SeenField): boolean {
  return new Set(Object.keys(types).map(familyOf)).size > 1;
}

/** Returns whether the validator lists all types of the field, such as a type and null. */
function isDeclaredSo({ path, names, types }: SeenField, validator: PlainObject | undefined): boolean {
  let node = validator?.['$jsonSchema'];
  for (const name of names) {
    while (isPlainObject(node) && isPlainObject(node['items'])) node = node['items'];
    const properties = isPlainObject(node) ? node['properties'] : undefined;
    node = isPlainObject(properties) ? properties[name] : undefined;
  }
  if (path.endsWith('[]') && isPlainObject(node)) node = node['items'];
  const listed = isPlainObject(node) ? [node['bsonType'] ?? []].flat() : [];
  return Object.keys(types).every((type) => listed.includes(type) || listed.includes(familyOf(type)));
}

function familyOf(type: string): string {
  return ['int', 'long', 'double', 'decimal'].includes(type) ? 'number' : type;
}

/** Returns the declared fields that are rare with 95 % confidence. For a field inside an object, only documents with this object count. */
function rareAmong(declared: readonly string[], fields: readonly SeenField[], sampled: number, isAll: boolean) {
  const byNames = new Map(
    fields.filter(({ path }) => !path.endsWith('[]')).map((field) => [field.names.join('.'), field]),
  );
  return declared.flatMap((path) => {
    const parent = path.split('.').slice(0, -1).join('.');
    const seen = byNames.get(path)?.presence;
    // Count only documents with the enclosing object, so that the fields inside a rare object are not reported too.
    const of = parent === '' ? sampled : (byNames.get(parent)?.presence.count ?? 0);
    const presence = seen ?? shareOf(0, of, isAll);
    return of >= fewest && presence.high <= rareBelow ? [{ path, presence }] : [];
  });
}
