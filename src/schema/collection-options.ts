import type { Document } from 'mongodb';
import { deepFreeze } from './draft';
import { canonicalCollation } from './index-rules';
import { toPlain } from './plain';
import type { CollectionOptions, Plain, PlainObject } from './schema';

/** They have a place of their own in a schema. */
const validation = new Set(['validator', 'validationLevel', 'validationAction']);

/**
 * A collection's options in canonical form, whether a person wrote them or `listCollections` told them: without the
 * validation, and without what is off by default or added by the server.
 */
export function canonicalOptions(options: Document): CollectionOptions {
  const kept = Object.entries(toPlain(options))
    .filter(([name]) => !validation.has(name))
    .map(([name, value]) => [name, canonicalOption(name, value)] as const)
    .filter(([, value]) => value !== undefined && value !== false);
  return deepFreeze(Object.fromEntries(kept) as CollectionOptions);
}

function canonicalOption(name: string, value: Plain): Plain | undefined {
  switch (name) {
    case 'collation':
      return canonicalCollation(value as PlainObject);
    case 'clusteredIndex':
      return canonicalClusteredIndex(value as PlainObject);
    case 'changeStreamPreAndPostImages':
      return (value as PlainObject)['enabled'] === true ? value : undefined;
    default:
      return value;
  }
}

function canonicalClusteredIndex({ v: _version, name, ...others }: PlainObject): PlainObject {
  return name === undefined || name === '_id_' ? others : { ...others, name };
}
