import { deepFreeze } from './freeze';
import { exactFilter } from './exact';
import { relaxed } from './plain';
import { own } from './record';
import type { Index, PlainObject } from './schema';
import { sortNames } from './sorting';

/** What a server adds to an index by itself, and what names it: no part of its definition. */
const notDefinition = new Set(['v', 'ns', 'name', 'background', 'textIndexVersion', '2dsphereIndexVersion']);
const booleans = new Set(['unique', 'sparse', 'hidden', 'prepareUnique']);
const textDefaults: ReadonlyMap<string, unknown> = new Map([
  ['default_language', 'english'],
  ['language_override', 'language'],
]);

const maxIndexesOfCollection = 64;

/** An index in canonical form, whether a person wrote it or `listIndexes` told it. */
export function canonicalIndex({ partialFilterExpression, ...definition }: PlainObject): Index {
  const { key, weights, collation, ...options } = relaxed(definition) as Record<string, unknown> & {
    key: Index['key'];
    weights?: Record<string, number>;
    collation?: PlainObject;
  };
  const kept = Object.entries(options).filter(([name, value]) => {
    const isOff = booleans.has(name) && value !== true;
    return !notDefinition.has(name) && value !== textDefaults.get(name) && !isOff;
  });
  const canonicalOfCollation = collation && canonicalCollation(collation);
  return deepFreeze<Index>({
    ...(isTextKey(key) ? textIndex(key, weights ?? {}) : { key }),
    ...(canonicalOfCollation && { collation: canonicalOfCollation }),
    ...Object.fromEntries(kept),
    ...(partialFilterExpression !== undefined && { partialFilterExpression: partialFilterExpression as PlainObject }),
  });
}

/** A collation without the version of the library behind it; undefined for the simple one. */
export function canonicalCollation(collation: PlainObject): PlainObject | undefined {
  const { version: _version, ...others } = collation;
  return others['locale'] === 'simple' ? undefined : others;
}

export function isTextKey(key: Index['key']): boolean {
  return Object.values(key).includes('text');
}

/**
 * The server keeps a text index's fields in its weights alone and shows `_fts` in their place. Either way of writing
 * becomes: the fields in `key`, in alphabetical order, and the weights that are not 1.
 */
function textIndex(key: Index['key'], weights: Record<string, number>): Pick<Index, 'key' | 'weights'> {
  const fields = Object.entries(key).filter(([name, kind]) => kind === 'text' && name !== '_fts');
  const names = [...new Set([...fields.map(([name]) => name), ...Object.keys(weights)])].sort();
  // Any name may be a field's, so nothing is looked up in, or assigned to, a plain object by one.
  const merged = new Map<string, number | string>();
  for (const [name, kind] of Object.entries(key)) {
    if (kind === 'text') for (const field of names) merged.set(field, 'text');
    else if (name !== '_ftsx') merged.set(name, kind);
  }
  const heavy = names.map((name) => [name, own(weights, name) ?? 1] as const).filter(([, weight]) => weight !== 1);
  return { key: Object.fromEntries(merged), ...(heavy.length > 0 && { weights: Object.fromEntries(heavy) }) };
}

/** The name that MongoDB gives an index that is created without one. */
export function defaultIndexName(key: Index['key']): string {
  return Object.entries(key)
    .map(([field, kind]) => `${field}_${kind}`)
    .join('_');
}

/** What makes two indexes the same to the server, whatever their names: error 85 when a second one is created. */
export function indexSignature(index: Index): string {
  const { key, unique, sparse, partialFilterExpression, collation, wildcardProjection } = index;
  const others = { unique, sparse, collation, wildcardProjection };
  // To the server, a filter on an int and one on a double of the same value are the same.
  const filter = partialFilterExpression && relaxed(exactFilter(partialFilterExpression));
  return JSON.stringify([Object.entries(key), sortNames(others), filter]);
}

/** An index without what the server changes in place. */
export function unchangeable(index: Index): Index {
  const { expireAfterSeconds: _seconds, hidden: _hidden, prepareUnique: _prepare, ...others } = index;
  return others;
}

/** Why an index cannot join the others of its collection; undefined when it can. */
export function checkIndexIn(others: ReadonlyMap<string, Index>, name: string, index: Index): string | undefined {
  const signature = indexSignature(index);
  const siblings = [...others].filter(([other]) => other !== name);
  const twin = siblings.find(([, other]) => indexSignature(other) === signature)?.[0];
  if (twin !== undefined) {
    return `the index ${twin} has the same keys and options, and an index cannot be renamed; use that name, or dropIndexes first`;
  }
  const text = isTextKey(index.key) ? siblings.find(([, other]) => isTextKey(other.key))?.[0] : undefined;
  if (text !== undefined) return `a collection has one text index at most, and ${text} is there; dropIndexes first`;
  if (siblings.length + 2 > maxIndexesOfCollection) {
    return `a collection can have ${maxIndexesOfCollection} indexes, including the one on _id`;
  }
  return undefined;
}
