import { canonicalIndex, change, type Change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkCollectionName } from './names';
import { checkIndex, checkTtl } from './index-checks';
import type { IndexDefinition } from './index-definition';

/**
 * Creates indexes on one collection, in one scan of it. Going down drops them.
 * @throws Error for a definition that the server would refuse, or choke on.
 */
export function createIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  checkCollectionName(collection);
  const names = definitions.map(({ name }) => name);
  definitions.forEach((definition) => {
    checkIndex(collection, definition);
  });
  return {
    describe: [`create the indexes ${names.join(', ')} on ${collection}`],
    changes: definitions.map(({ serves: _serves, ...definition }) =>
      change([collection, 'indexes', definition.name], undefined, canonicalIndex(definition)),
    ),
    serves: Object.fromEntries(definitions.map(({ name, serves }) => [`${collection}.${name}`, serves])),
  };
}

/**
 * Drops indexes of one collection. Each is written out as it was created, so that going down can create it again.
 * @throws Error for a definition that `createIndexes` would refuse.
 */
export function dropIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  const { changes } = createIndexes(collection, definitions);
  const names = definitions.map(({ name }) => name);
  return {
    describe: [`drop the indexes ${names.join(', ')} of ${collection}`],
    changes: changes.map(({ at, to }): Change => change(at, to, undefined)),
  };
}

/**
 * Changes after how many seconds documents expire: `changeTtl('audit_logs', 'created_at_1', { from: 31536000, to: 7776000 })`.
 * @throws Error for seconds that the server would refuse.
 */
export function changeTtl(collection: string, index: string, { from, to }: { from: number; to: number }): SchemaStep {
  checkCollectionName(collection);
  for (const seconds of [from, to]) checkTtl(`${collection}.${index}`, seconds);
  return {
    describe: [`change the TTL of ${collection}.${index} from ${from} to ${to} seconds`],
    changes: [change([collection, 'indexes', index, 'expireAfterSeconds'], from, to)],
  };
}
