import { deepFreeze } from './freeze';
import { canonicalCollation } from './index-rules';
import { canonicalTimeSeries } from './time-series';
import { isPlainObject, relaxed } from './plain';
import type { CollectionOptions, Plain, PlainObject } from './schema';

/** The options for validation, which are a separate kind in a schema. */
const validation = new Set(['validator', 'validationLevel', 'validationAction']);

/**
 * Returns a collection's options in canonical form, from a migration or from `listCollections`: without the
 * validation, without defaults, and without what the server adds.
 */
export function canonicalOptions(options: PlainObject): CollectionOptions {
  const kept = Object.entries(relaxed(options))
    .filter(([name]) => !validation.has(name))
    .flatMap(([name, value]) => {
      const option = canonicalOption(name, value);
      return option === undefined || option === false ? [] : [[name, option] as const];
    });
  return deepFreeze(Object.fromEntries(kept));
}

function canonicalOption(name: string, value: Plain): Plain | undefined {
  if (!isPlainObject(value)) return value;
  switch (name) {
    case 'collation':
      return canonicalCollation(value);
    case 'clusteredIndex':
      return canonicalClusteredIndex(value);
    case 'timeseries':
      return canonicalTimeSeries(value);
    case 'changeStreamPreAndPostImages':
      return value['enabled'] === true ? value : undefined;
    default:
      return value;
  }
}

function canonicalClusteredIndex({ v: _version, name, ...others }: PlainObject): PlainObject {
  return name === undefined || name === '_id_' ? others : { ...others, name };
}
