import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { show } from './values';

/** The words in a key that determine the kind of an index. An index can have only one kind. */
const plugins = ['text', 'hashed', '2d', '2dsphere'] as const;

export type KeyKind = 'plain' | 'wildcard' | (typeof plugins)[number];

const maxFields = 32;
/** Matches names that JavaScript moves to the front of an object. With such a name, the order of the key would not be the written one. */
const integerLike = /^(?:0|[1-9]\d*)$/;

export function isWildcard(field: string): boolean {
  return field === '$**' || field.endsWith('.$**');
}

/** Returns the kind of index for a key. `{ _fts: 'text', _ftsx: 1 }`, as the server reports it, is a text index. */
export function kindOfKey(key: PlainObject): KeyKind {
  const found = plugins.find((plugin) => Object.values(key).includes(plugin));
  return found ?? (Object.keys(key).some(isWildcard) ? 'wildcard' : 'plain');
}

/** Yields the problems for which the server would refuse a key. Each problem is the end of a sentence that begins with the index's name. */
export function* keyProblems(key: Plain | undefined): Generator<string> {
  if (!isPlainObject(key)) {
    yield `has \`key: ${show(key)}\`, which must be an object such as { user_id: 1 }`;
    return;
  }
  const fields = Object.keys(key);
  if (fields.length === 0) yield 'has an empty key';
  yield* tooManyFields(key);
  const reordered = fields.filter((field) => integerLike.test(field));
  if (reordered.length > 0)
    yield `has a field named ${reordered.join(', ')}, which JavaScript would move to the front of the key`;
  for (const field of fields) {
    const problem = pathProblem(field, { wildcard: wildcardFor(key[field]) });
    if (problem !== undefined) yield `has the field ${show(field)} in its key, which ${problem}`;
    else if (field === '_fts' || field === '_ftsx')
      yield `has the field ${field} in its key, a name that the server reserves`;
  }
  for (const [field, value] of Object.entries(key)) {
    if (value !== 1 && value !== -1 && !plugins.some((plugin) => plugin === value))
      yield `has \`${field}: ${show(value)}\` in its key, which must be 1, -1, ${plugins.map((one) => `'${one}'`).join(', ')}`;
  }
  yield* kindProblems(key);
}

/** Returns where a path may contain a wildcard, depending on the value in the key. */
function wildcardFor(value: Plain | undefined): 'at the end' | '$** alone' | 'nowhere' {
  if (value === 'text') return '$** alone';
  return typeof value === 'string' ? 'nowhere' : 'at the end';
}

/** Yields the problem of a key with too many fields. All text fields count as two; the wildcard of a compound index counts as one more. */
function* tooManyFields(key: PlainObject): Generator<string> {
  const fields = Object.keys(key);
  const others = fields.filter((field) => key[field] !== 'text');
  const isText = others.length < fields.length;
  const isCompoundWildcard = fields.length > 1 && fields.some((field) => isWildcard(field) && key[field] !== 'text');
  const count = others.length + (isText ? 2 : 0) + (isCompoundWildcard ? 1 : 0);
  if (count <= maxFields) return;
  if (isText) yield `has ${others.length} fields in addition to the text; the maximum is ${maxFields - 2}`;
  else if (isCompoundWildcard) yield `has ${fields.length} fields; the maximum with a wildcard is ${maxFields - 1}`;
  else yield `has ${fields.length} fields; the maximum is ${maxFields}`;
}

function* kindProblems(key: PlainObject): Generator<string> {
  const entries = Object.entries(key);
  const kinds = new Set(
    entries.flatMap(([field, value]) => {
      if (typeof value === 'string') return [value];
      return isWildcard(field) ? ['wildcard'] : [];
    }),
  );
  if (kinds.size > 1) yield `mixes ${[...kinds].join(' and ')}: an index can have only one of them`;
  if (entries.filter(([, value]) => value === 'hashed').length > 1) yield 'has more than one hashed field';
  if (entries.filter(([, value]) => value === '2d').length > 1) yield 'has more than one 2d field';
  else if (kinds.has('2d') && entries[0]?.[1] !== '2d') yield 'has a 2d field that is not the first of its key';
  const texts = entries.flatMap(([, value], at) => (value === 'text' ? [at] : []));
  if (texts.length > 0 && (texts.at(-1) ?? 0) - (texts[0] ?? 0) !== texts.length - 1)
    yield 'has text fields that are not next to each other in its key: write them next to each other';
  yield* wildcardProblems(key);
}

function* wildcardProblems(key: PlainObject): Generator<string> {
  const wildcards = Object.keys(key).filter((field) => isWildcard(field) && key[field] !== 'text');
  const [wildcard] = wildcards;
  if (wildcard === undefined) return;
  if (wildcards.length > 1) yield 'has more than one wildcard in its key';
  const below = wildcard === '$**' ? undefined : wildcard.slice(0, -'.$**'.length);
  if (below === undefined) return;
  const covered = Object.keys(key).find((field) => field !== wildcard && isAtOrBelow(field, below));
  if (covered !== undefined)
    yield `has the field ${covered} in its key, although its wildcard ${wildcard} covers that field already`;
}

export function isAtOrBelow(field: string, path: string): boolean {
  return field === path || field.startsWith(`${path}.`);
}

/** Returns why a path cannot be part of an index; undefined when it can be. */
export function pathProblem(
  path: string,
  { wildcard }: { readonly wildcard: 'at the end' | '$** alone' | 'nowhere' },
): string | undefined {
  if (path === '') return 'is empty';
  if (path.includes('\0')) return 'contains a null character';
  const isAllowed = wildcard === 'at the end' ? isWildcard(path) : wildcard === '$** alone' && path === '$**';
  const parts = (isAllowed ? path.replace(/\.?\$\*\*$/, '') : path).split('.');
  if (isAllowed && path === '$**') return undefined;
  if (parts.includes('')) return 'has an empty name between its dots';
  const isReference = (name: string, at: number) => at > 0 && ['$id', '$ref', '$db'].includes(name);
  return parts.some((name, at) => name.startsWith('$') && !isReference(name, at))
    ? 'has a name that begins with $'
    : undefined;
}

/** Attributes that not every key can have. */
export interface Attributes {
  readonly unique?: unknown;
  readonly prepareUnique?: unknown;
  readonly expireAfterSeconds?: unknown;
}

/**
 * Yields why a key cannot be unique, or have a TTL. Each problem is the end of a sentence that begins with the index's name. The server
 * does not refuse some of these keys, but crashes: mongod 7.0 crashes on a unique wildcard index, in createIndexes or collMod, and on a
 * TTL on a wildcard index.
 */
export function* attributeProblems(
  key: PlainObject,
  { unique, prepareUnique, expireAfterSeconds }: Attributes,
): Generator<string> {
  const kind = kindOfKey(key);
  const isUniqueImpossible = kind === 'text' || kind === 'wildcard' || kind === 'hashed';
  if (unique === true && isUniqueImpossible)
    yield 'is unique, which is not allowed for text, wildcard and hashed indexes';
  if (prepareUnique === true && isUniqueImpossible)
    yield 'has prepareUnique, which is not allowed for text, wildcard and hashed indexes';
  if (expireAfterSeconds === undefined) return;
  if (Object.keys(key).length > 1)
    yield 'has a TTL and more than one field, so the server would never delete documents by it';
  if (kind === 'text' || kind === 'wildcard') yield 'has a TTL, which is not allowed for text and wildcard indexes';
}
