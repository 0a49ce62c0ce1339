import { deepFreeze } from './freeze';
import { exactFilter } from './exact';
import { relaxed } from './plain';
import { own } from './record';
import type { Index, PlainObject } from './schema';
import { sortNames } from './sorting';

/** The name of an index, and the options that a server adds. They are not part of the index's definition. */
const notDefinition = new Set(['v', 'ns', 'name', 'background', 'textIndexVersion', '2dsphereIndexVersion']);
const booleans = new Set(['unique', 'sparse', 'hidden', 'prepareUnique']);
const textDefaults: ReadonlyMap<string, unknown> = new Map([
  ['default_language', 'english'],
  ['language_override', 'language'],
]);

const maxIndexesOfCollection = 64;

/** Returns an index in canonical form, from a migration or from `listIndexes`. */
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

/** Returns a collation without the version of the ICU library; undefined for the simple collation. */
export function canonicalCollation(collation: PlainObject): PlainObject | undefined {
  const { version: _version, ...others } = collation;
  return others['locale'] === 'simple' ? undefined : others;
}

export function isTextKey(key: Index['key']): boolean {
  return Object.values(key).includes('text');
}

/**
 * Returns the key and the weights of a text index. The server keeps the fields of a text index only in its weights, and reports `_fts` in
 * the key. Both notations become the same form: the fields in `key`, in alphabetical order, and only weights other than 1.
 */
function textIndex(key: Index['key'], weights: Record<string, number>): Pick<Index, 'key' | 'weights'> {
  const fields = Object.entries(key).filter(([name, kind]) => kind === 'text' && name !== '_fts');
  const names = [...new Set([...fields.map(([name]) => name), ...Object.keys(weights)])].sort();
  // A field may have any name, so a plain object cannot be used as a map here.
  const merged = new Map<string, number | string>();
  for (const [name, kind] of Object.entries(key)) {
    if (kind === 'text') for (const field of names) merged.set(field, 'text');
    else if (name !== '_ftsx') merged.set(name, kind);
  }
  const heavy = names.map((name) => [name, own(weights, name) ?? 1] as const).filter(([, weight]) => weight !== 1);
  return { key: Object.fromEntries(merged), ...(heavy.length > 0 && { weights: Object.fromEntries(heavy) }) };
}

/** Returns the name that MongoDB gives an index by default. */
export function defaultIndexName(key: Index['key']): string {
  return Object.entries(key)
    .map(([field, kind]) => `${field}_${kind}`)
    .join('_');
}

/** Returns a text that is equal for two indexes if the server considers them equal except for the name. Creating both causes error 85. */
export function indexSignature(index: Index): string {
  const { key, unique, sparse, partialFilterExpression, collation, wildcardProjection } = index;
  const others = { unique, sparse, collation, wildcardProjection };
  // To the server, filters on an int and on a double of the same value are equal.
  const filter = partialFilterExpression && relaxed(exactFilter(partialFilterExpression));
  return JSON.stringify([Object.entries(key), sortNames(others), filter]);
}

/** Returns an index without the attributes that the server can change in place. */
export function unchangeable(index: Index): Index {
  const { expireAfterSeconds: _seconds, hidden: _hidden, prepareUnique: _prepare, ...others } = index;
  return others;
}

/** Returns why an index cannot be added to its collection; undefined when it can be added. */
export function checkIndexIn(others: ReadonlyMap<string, Index>, name: string, index: Index): string | undefined {
  const signature = indexSignature(index);
  const siblings = [...others].filter(([other]) => other !== name);
  const twin = siblings.find(([, other]) => indexSignature(other) === signature)?.[0];
  if (twin !== undefined) {
    return `the index ${twin} has the same keys and options, and an index cannot be renamed; use that name, or drop that index first with dropIndexes`;
  }
  const text = isTextKey(index.key) ? siblings.find(([, other]) => isTextKey(other.key))?.[0] : undefined;
  if (text !== undefined)
    return `a collection can have only one text index, and ${text} exists; drop it first with dropIndexes`;
  if (siblings.length + 2 > maxIndexesOfCollection) {
    return `a collection can have at most ${maxIndexesOfCollection} indexes, including the one on _id`;
  }
  return undefined;
}
