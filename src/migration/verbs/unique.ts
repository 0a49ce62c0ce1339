import { change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkText } from './arguments';
import { checkCollectionName } from './names';

/**
 * Makes an index unique that is there already, over documents that are there already: new duplicates are refused first, then
 * those that are there are looked for, then the index is converted. Going down makes it a plain one again. Text, hashed and
 * wildcard indexes cannot be unique: the fold refuses those.
 */
export function makeUnique(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'makeUnique');
  checkText('makeUnique', 'second argument', index);
  return {
    describe: [`make the index ${index} of ${collection} unique`],
    changes: [change('index.unique', { collection, name: index }, undefined, true)],
  };
}

/**
 * Hides an index from the query planner, to see whether anybody misses it. A later migration drops it, or shows it again
 * with `showIndex`.
 */
export function hideIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'hideIndex');
  checkText('hideIndex', 'second argument', index);
  return {
    describe: [`hide the index ${index} of ${collection}`],
    changes: [change('index.hidden', { collection, name: index }, undefined, true)],
  };
}

/** Shows an index to the query planner again that `hideIndex` has hidden: it is up to date, so it serves at once. */
export function showIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'showIndex');
  checkText('showIndex', 'second argument', index);
  return {
    describe: [`show the index ${index} of ${collection}`],
    changes: [change('index.hidden', { collection, name: index }, true, undefined)],
  };
}
