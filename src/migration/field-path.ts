import type { Document } from 'mongodb';
import { SchemaError } from '../support/schema-error';

/**
 * A field: its path with dots, `'content.lang'`, or a list of the names on the path, `['content', 'lang']`. Use the list for a name
 * that contains a dot or begins with a dollar sign: `['counts', 'example.com']`.
 */
export type FieldPath = string | readonly string[];

export interface Field {
  readonly names: readonly string[];
  /** The field as messages show it: the path with dots, or the names as JSON when the dots would be ambiguous. */
  readonly label: string;
}

/**
 * @param what the call of the verb, for the error message: `dropField('results', …)`
 * @throws error with code `MIGRATION` for an invalid field path, or one inside `_id`
 */
export function fieldOf(path: FieldPath, what: string): Field {
  const names = typeof path === 'string' ? path.split('.') : path;
  const label = typeof path === 'string' || names.every(isPlain) ? names.join('.') : JSON.stringify(names);
  const problem = problemOf(path, names);
  if (problem) throw new SchemaError('MIGRATION', `${what} does not accept the field ${label}`, problem);
  return { names, label };
}

function problemOf(path: FieldPath, names: readonly string[]) {
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '' || name.includes('\0'))) {
    return {
      why: 'a name in the path is missing, is empty, or contains a null character',
      fix: 'write the names with dots between them',
    };
  }
  if (names[0] === '_id') return { why: 'an _id never changes', fix: 'insert the documents again, in a step of `run`' };
  if (typeof path === 'string' && !names.every(isPlain)) {
    const parts = JSON.stringify(names);
    return {
      why: 'a name in the path begins with a dollar sign',
      fix: `leave out positions such as $[], since the step visits all elements of arrays; if a name with a dollar sign is the name of a field, write ${parts}`,
    };
  }
  return undefined;
}

function isPlain(name: string): boolean {
  return !name.startsWith('$') && !name.includes('.');
}

/** Returns whether a field is at the top level of the document, with a name that needs no escaping. */
export function isTopLevel({ names }: Field): boolean {
  return names.length === 1 && names.every(isPlain);
}

/** How many levels of arrays in arrays are visited. An expression cannot be recursive, and the server allows only 200 levels of nesting. */
const arraysInArrays = 2;

/** Returns the expression to use for an array that is nested too deeply to be visited. */
type Beyond = (array: string) => unknown;

/** Returns an expression for a document without a field. If the path leads through an array, the field is removed from each element. */
export function withoutField(
  { names }: Pick<Field, 'names'>,
  input: unknown = '$$ROOT',
  beyond: Beyond = (array) => array,
): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return unset(name, input);
  const isHolder = { $in: [{ $type: '$$v' }, ['object', 'array']] };
  return setIn(name, input, { $cond: [isHolder, through('$$v', rest, arraysInArrays, beyond), '$$v'] });
}

/**
 * Returns the expression for a document or an array on the path. A single document is treated as an array with one element, so that the
 * expression contains the rest of the path only once.
 */
function through(value: string, names: readonly string[], depth: number, beyond: Beyond): Document {
  const isArray = { $isArray: value };
  if (depth === 0) {
    const branches = [
      { case: isDocument(value), then: withoutField({ names }, value, beyond) },
      { case: isArray, then: beyond(value) },
    ];
    return { $switch: { branches, default: value } };
  }
  const input = { $cond: [isArray, value, [value]] };
  const each = { $map: { input, as: 'v', in: through('$$v', names, depth - 1, beyond) } };
  return { $let: { vars: { each }, in: { $cond: [isArray, '$$each', { $first: '$$each' }] } } };
}

/**
 * Returns a filter for documents with arrays that are nested too deeply to be visited, and that may contain the field. Returns undefined
 * when no array can be on the path.
 */
export function tooDeep({ names }: Pick<Field, 'names'>): Document | undefined {
  if (names.length === 1) return undefined;
  const isHolder = { $in: [{ $type: '$$one' }, ['object', 'array']] };
  const emptied: Beyond = (array) => ({ $filter: { input: array, as: 'one', cond: { $not: isHolder } } });
  return { $expr: { $ne: [withoutField({ names }), withoutField({ names }, '$$ROOT', emptied)] } };
}

/** Describes the documents that `tooDeep` matches. */
export function arraysBeyond({ label }: Pick<Field, 'label'>): string {
  return `documents in an array inside ${arraysInArrays} other arrays, which may contain ${label}`;
}

/** Returns an expression for the value of a field. The value is missing when the path contains something other than a document. */
export function valueOf({ names }: Pick<Field, 'names'>, input: unknown = '$$ROOT'): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return get(name, input);
  const inner = { $cond: [isDocument('$$v'), valueOf({ names: rest }, '$$v'), '$$REMOVE'] };
  return { $let: { vars: { v: get(name, input) }, in: inner } };
}

export interface TakeOptions {
  /** Whether documents on the path are also removed if they become empty. */
  readonly prunes: boolean;
}

/** Returns an expression for a document without a field. The path must lead only through documents. */
export function takeOut({ names }: Pick<Field, 'names'>, { prunes }: TakeOptions, input: unknown = '$$ROOT'): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return unset(name, input);
  const inner = takeOut({ names: rest }, { prunes }, '$$v');
  const kept = { $let: { vars: { left: inner }, in: { $cond: [{ $eq: ['$$left', {}] }, '$$REMOVE', '$$left'] } } };
  return setIn(name, input, prunes ? kept : inner);
}

/** Returns an expression for a document with a field set. Missing documents on the path are created. */
export function putIn({ names }: Pick<Field, 'names'>, value: string, input: unknown): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return { $setField: { field: { $literal: name }, input, value } };
  return setIn(name, input, putIn({ names: rest }, value, { $cond: [isDocument('$$v'), '$$v', { $literal: {} }] }));
}

export function isMissing(value: unknown): Document {
  return { $eq: [{ $type: value }, 'missing'] };
}

export function isDocument(value: unknown): Document {
  return { $eq: [{ $type: value }, 'object'] };
}

function get(name: string, input: unknown): Document {
  return { $getField: { field: { $literal: name }, input } };
}

function unset(name: string, input: unknown): Document {
  return { $unsetField: { field: { $literal: name }, input } };
}

/** Returns an expression for `input` with one field set. The expression `value` can use the old value of the field as `$$v`. */
function setIn(name: string, input: unknown, value: unknown): Document {
  const inner = { $let: { vars: { v: get(name, input) }, in: value } };
  return { $setField: { field: { $literal: name }, input, value: inner } };
}
