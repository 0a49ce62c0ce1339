import type { Document } from 'mongodb';
import { canonicalOptions, change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkCollation } from './collation';
import { checkCollectionName } from './names';

/** Options that are not for this verb, and what to do instead. */
const foreign: ReadonlyMap<string, string> = new Map([
  ['validator', 'use addValidator'],
  ['validationLevel', 'use addValidator'],
  ['validationAction', 'use addValidator'],
  ['viewOn', 'views are no part of the schema'],
  ['pipeline', 'views are no part of the schema'],
  ['timeseries', 'time series are no part of the schema'],
  ['idIndex', 'every collection has the same index on _id'],
]);

/**
 * Creates collections: `createCollections('users', 'projects')`, or one with options, in MongoDB's own names:
 * `createCollections({ name: 'events', capped: true, size: 1048576 })`. Going down drops them; one that holds
 * documents is refused.
 * @throws Error for a name or options that the server would refuse or alter.
 */
export function createCollections(
  ...definitions: readonly (string | ({ readonly name: string } & Document))[]
): SchemaStep {
  const changes = definitions.map((definition) => {
    const { name, ...options } = typeof definition === 'string' ? { name: definition } : definition;
    checkCollectionName(name);
    checkOptions(name, options);
    return change([name, 'options'], undefined, canonicalOptions(options));
  });
  return { describe: [`create the collections ${changes.map(({ at }) => at[0]).join(', ')}`], changes };
}

function checkOptions(collection: string, options: Document): void {
  for (const option of Object.keys(options)) {
    const advice = foreign.get(option);
    if (advice) throw new Error(`createCollections takes no ${option} (collection ${collection}): ${advice}.`);
  }
  if (options['collation']) checkCollation(options['collation'] as Document, `The collection ${collection}`);
  checkCapped(collection, options);
}

function checkCapped(
  collection: string,
  { capped = false, size, max }: { capped?: boolean; size?: number; max?: number },
) {
  if (!capped && size === undefined && max === undefined) return;
  if (!capped) throw new Error(`The collection ${collection} has a size or max, which need \`capped: true\`.`);
  if (size === undefined || !Number.isInteger(size) || size < 1) {
    throw new Error(`The collection ${collection} is capped, so it needs a size: a whole number of bytes from 1.`);
  }
  if (max !== undefined && (!Number.isInteger(max) || max < 1)) {
    throw new Error(
      `The collection ${collection} is capped at ${max} documents; the server would take that for no limit.`,
    );
  }
}
