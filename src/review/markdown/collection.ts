import type { Collection, Index } from '../../schema';
import { code, count, describeOptions, describeTtl, fieldsOf, humanSeconds, traitsOf } from '../explain';
import { notesOn } from './notes';
import { cell, table } from './table';

/** What each index is there for, by `collection.index`. */
export type Purposes = ReadonlyMap<string, string>;

/** A collection's part of the page. */
export function collectionSection(name: string, collection: Collection, serves: Purposes): string[] {
  const options = describeOptions(collection.options);
  const notes = notesOn(collection);
  return [
    `### ${name}`,
    '',
    ...(options === '' ? [] : [`Options: ${options}.`, '']),
    ...fieldsTable(collection),
    ...indexesTable(name, collection.indexes, serves),
    ...referenceDocuments(collection),
    ...(notes.length === 0 ? [] : ['**Notes**', '', ...notes.map((note) => `- ${note}`), '']),
  ];
}

function fieldsTable({ validator }: Collection): string[] {
  const fields = fieldsOf(validator);
  if (fields.length === 0) return [];
  const rows = fields.map(({ path, type, required, rules, description }) => [
    code(path),
    type,
    required ? 'yes' : '',
    [rules.join('; '), description ?? ''].filter(Boolean).map(cell).join('. '),
  ]);
  return [...table(['field', 'type', 'required', 'rule'], rows), ''];
}

function indexesTable(collection: string, indexes: Collection['indexes'], serves: Purposes): string[] {
  const rows = Object.entries(indexes).map(([name, index]) => [
    cell(code(name)),
    cell(code(index.key)),
    traitsOf(withoutTtl(index)).map(cell).join(', '),
    index.expireAfterSeconds === undefined ? '' : ttl(index.expireAfterSeconds),
    cell(serves.get(`${collection}.${name}`) ?? ''),
  ]);
  if (rows.length === 0) return ['No index but the one on `_id`.', ''];
  return [...table(['index', 'keys', 'traits', 'TTL', 'serves'], rows), ''];
}

function withoutTtl({ expireAfterSeconds: _seconds, ...others }: Index): Index {
  return others;
}

/** In a narrow column: `7 days`. */
export function ttl(seconds: number): string {
  return seconds === 0
    ? 'at the time in the field'
    : describeTtl(seconds).startsWith('documents')
      ? humanSeconds(seconds)
      : 'off';
}

function referenceDocuments({ documents }: Collection): string[] {
  const entries = Object.entries(documents);
  if (entries.length === 0) return [];
  const list = entries.map(([key, { name }]) => (typeof name === 'string' ? `${name} (${code(key)})` : code(key)));
  return [`${count(entries.length, 'reference document')} that migrations own: ${list.join(', ')}.`, ''];
}
