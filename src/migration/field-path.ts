import type { Document } from 'mongodb';
import { SchemaError } from '../support/schema-error';

/**
 * A field: its path with dots, `'content.lang'`, or the names along it, `['content', 'lang']`. Only the latter tells of a name
 * that holds a dot or begins with a dollar sign: `['counts', 'example.com']`.
 */
export type FieldPath = string | readonly string[];

export interface Field {
  readonly names: readonly string[];
  /** As people read it: the path with dots, or the names as JSON where a dot would say something else. */
  readonly label: string;
}

/**
 * @param what what it is named for: `dropField('results', …)`
 * @throws error with code `MIGRATION` for what is no path of a field, or leads into `_id`.
 */
export function fieldOf(path: FieldPath, what: string): Field {
  const names = typeof path === 'string' ? path.split('.') : path;
  const label = typeof path === 'string' || names.every(isPlain) ? names.join('.') : JSON.stringify(names);
  const problem = problemOf(path, names);
  if (problem) throw new SchemaError('MIGRATION', `${what} cannot take the field ${label}`, problem);
  return { names, label };
}

function problemOf(path: FieldPath, names: readonly string[]) {
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '' || name.includes('\0'))) {
    return {
      why: 'a name in it is missing, is empty or holds a null character',
      fix: 'write its names with a dot between',
    };
  }
  if (names[0] === '_id') return { why: 'an _id never changes', fix: 'insert the documents anew, in a step of `run`' };
  if (typeof path === 'string' && !names.every(isPlain)) {
    const parts = JSON.stringify(names);
    return {
      why: 'a name in it begins with a dollar sign',
      fix: `leave positions such as $[] out, since arrays are gone through; if it is the name of a field, write ${parts}`,
    };
  }
  return undefined;
}

function isPlain(name: string): boolean {
  return !name.startsWith('$') && !name.includes('.');
}

/** Whether a field is one of the document itself whose name needs no care. */
export function isTopLevel({ names }: Field): boolean {
  return names.length === 1 && names.every(isPlain);
}

/** How deep arrays in arrays are gone through: an expression cannot call itself, and the server takes it 200 levels deep. */
const arraysInArrays = 2;

/** What becomes of an array that lies in more arrays than are gone through, as an expression. */
type Beyond = (array: string) => unknown;

/** A document, as an expression, without a field, which is taken out of each element of an array as well. */
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

/** A document or an array, as an expression. What is no array is gone through as one of one element: the path occurs once in it. */
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
 * Matches documents with arrays along a path that lie in more arrays than are gone through, where documents or further arrays
 * in them may hold the field. Undefined for a path that no array can be in the way of.
 */
export function tooDeep({ names }: Pick<Field, 'names'>): Document | undefined {
  if (names.length === 1) return undefined;
  const isHolder = { $in: [{ $type: '$$one' }, ['object', 'array']] };
  const emptied: Beyond = (array) => ({ $filter: { input: array, as: 'one', cond: { $not: isHolder } } });
  return { $expr: { $ne: [withoutField({ names }), withoutField({ names }, '$$ROOT', emptied)] } };
}

/** What these documents have, in words. */
export function arraysBeyond({ label }: Pick<Field, 'label'>): string {
  return `documents in an array that lies in ${arraysInArrays} others, where ${label} may be`;
}

/** The value of a field, as an expression. It is missing where something else than documents leads there, such as an array. */
export function valueOf({ names }: Pick<Field, 'names'>, input: unknown = '$$ROOT'): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return get(name, input);
  const inner = { $cond: [isDocument('$$v'), valueOf({ names: rest }, '$$v'), '$$REMOVE'] };
  return { $let: { vars: { v: get(name, input) }, in: inner } };
}

export interface TakeOptions {
  /** Whether the documents along the path go as well, when nothing is left in them. */
  readonly prunes: boolean;
}

/** A document, as an expression, without a field that only documents lead to. */
export function takeOut({ names }: Pick<Field, 'names'>, { prunes }: TakeOptions, input: unknown = '$$ROOT'): Document {
  const [name = '', ...rest] = names;
  if (rest.length === 0) return unset(name, input);
  const inner = takeOut({ names: rest }, { prunes }, '$$v');
  const kept = { $let: { vars: { left: inner }, in: { $cond: [{ $eq: ['$$left', {}] }, '$$REMOVE', '$$left'] } } };
  return setIn(name, input, prunes ? kept : inner);
}

/** A document, as an expression, with a field set. The documents that lead there are made where they are missing. */
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

/** `value` sees what was there as `$$v`. */
function setIn(name: string, input: unknown, value: unknown): Document {
  const inner = { $let: { vars: { v: get(name, input) }, in: value } };
  return { $setField: { field: { $literal: name }, input, value: inner } };
}
