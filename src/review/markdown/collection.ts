import { entriesIn, find, type Index, type Schema } from '../../schema';
import { code, count, describeOptions, describeTtl, fieldsOf, traitsOf } from '../explain';
import { humanSeconds } from '../../support/counts';
import { notesOn } from './notes';
import { cell, table } from './table';

/** The purpose of each index, by `collection.index`. */
export type Purposes = ReadonlyMap<string, string>;

/** Returns the part of the page that describes a collection. */
export function collectionSection(schema: Schema, name: string, serves: Purposes): string[] {
  const options = describeOptions(find(schema, 'collection', { collection: name }) ?? {});
  const notes = notesOn(schema, name);
  return [
    `### ${name}`,
    '',
    ...(options === '' ? [] : [`Options: ${options}.`, '']),
    ...fieldsTable(schema, name),
    ...indexesTable(schema, name, serves),
    ...referenceDocuments(schema, name),
    ...(notes.length === 0 ? [] : ['**Notes**', '', ...notes.map((note) => `- ${note}`), '']),
  ];
}

function fieldsTable(schema: Schema, collection: string): string[] {
  const fields = fieldsOf(find(schema, 'validator', { collection }));
  if (fields.length === 0) return [];
  const rows = fields.map(({ path, type, required, rules, description }) => [
    code(path),
    type,
    required ? 'yes' : '',
    [rules.join('; '), description ?? ''].filter(Boolean).map(cell).join('. '),
  ]);
  return [...table(['field', 'type', 'required', 'rule'], rows), ''];
}

function indexesTable(schema: Schema, collection: string, serves: Purposes): string[] {
  const rows = entriesIn(schema, collection, 'index').map(({ place: { name }, value: index }) => [
    cell(code(name)),
    cell(code(index.key)),
    traitsOf(withoutTtl(index)).map(cell).join(', '),
    index.expireAfterSeconds === undefined ? '' : ttl(index.expireAfterSeconds),
    cell(serves.get(`${collection}.${name}`) ?? ''),
  ]);
  if (rows.length === 0) return ['The only index is the one on `_id`.', ''];
  return [...table(['index', 'keys', 'traits', 'TTL', 'serves'], rows), ''];
}

function withoutTtl({ expireAfterSeconds: _seconds, ...others }: Index): Index {
  return others;
}

/** Describes a TTL for a narrow column: `7 days`. */
export function ttl(seconds: number): string {
  return seconds === 0
    ? 'at the time in the field'
    : describeTtl(seconds).startsWith('documents')
      ? humanSeconds(seconds)
      : 'off';
}

function referenceDocuments(schema: Schema, collection: string): string[] {
  const entries = entriesIn(schema, collection, 'document');
  if (entries.length === 0) return [];
  const list = entries.map(({ place: { key }, value: { name } }) =>
    typeof name === 'string' ? `${name} (${code(key)})` : code(key),
  );
  return [`${count(entries.length, 'reference document')} that migrations create: ${list.join(', ')}.`, ''];
}
