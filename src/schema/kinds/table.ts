import type { Kind, NamedKind, Value } from '../change';
import type { Contents } from '../schema';
import { collection } from './collection';
import { collectionName } from './collection-name';
import { document } from './document';
import { attribute, index } from './indexes';
import type { Rules } from './rules';
import { validator } from './validator';
import { view } from './view';

export type { Entry } from './rules';

/** The rules of every kind. The mapped type makes `rules[kind]` keep a generic kind. */
export const rules: { readonly [K in Kind]: Rules<K> } = {
  collection,
  'collection.name': collectionName,
  validator,
  index,
  'index.expireAfterSeconds': attribute('expireAfterSeconds'),
  'index.hidden': attribute('hidden'),
  'index.unique': attribute('unique'),
  document,
  view,
};

export const kinds = Object.keys(rules) as readonly Kind[];

/** The kinds with their own names in the database. */
export const namedKinds: readonly NamedKind[] = [...new Set(kinds.map((kind) => rules[kind].within))];

export function isNamedKind(kind: Kind): kind is NamedKind {
  return namedKinds.some((named) => named === kind);
}

/** Returns whether some contents belong to a collection or a view. */
export function kindOf(contents: Contents): NamedKind | undefined {
  return namedKinds.find((kind) => rules[kind].entries('', contents).length > 0);
}

/** Returns the contents with each value converted, and all names sorted. */
export function convertContents(
  contents: Contents,
  convert: <K extends Kind>(kind: K, value: Value<K>) => Value<K>,
): Contents {
  return kinds.reduce<Contents>((whole, kind) => ({ ...whole, ...convertPart(kind, contents, convert) }), {});
}

function convertPart<K extends Kind>(
  kind: K,
  contents: Contents,
  convert: (kind: K, value: Value<K>) => Value<K>,
): Contents {
  return rules[kind].part(contents, (value) => convert(kind, value));
}
