import { change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkText } from './arguments';
import { checkCollectionName } from './names';

/**
 * Makes an index unique over the documents that are there: new duplicates are refused first, then those that are there are looked
 * for, then the index is converted. Text, hashed and wildcard indexes cannot be unique.
 * @category Indexes
 * @example
 * makeUnique('users', 'email_1'),
 * @down Makes it a plain index again: it is built once more, while the unique one serves.
 * @cost Operations on the collection wait for a moment, and the index is read once. Duplicates stop it, and are listed.
 * @throws error with code `MIGRATION` for names that no collection or index can have.
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
 * Hides an index from the query planner, to see whether anybody misses it. A later migration drops it, or shows it again.
 * @category Indexes
 * @example
 * hideIndex('results', 'score_1'),
 * @down Shows it again. It serves at once, since a hidden index is maintained.
 * @cost Operations on the collection wait for a moment. Queries that use the index become slower.
 * @throws error with code `MIGRATION` for names that no collection or index can have.
 * @see https://www.mongodb.com/docs/v7.0/core/index-hidden/
 */
export function hideIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'hideIndex');
  checkText('hideIndex', 'second argument', index);
  return {
    describe: [`hide the index ${index} of ${collection}`],
    changes: [change('index.hidden', { collection, name: index }, undefined, true)],
  };
}

/**
 * Shows an index to the query planner again that `hideIndex` has hidden.
 * @category Indexes
 * @example
 * showIndex('results', 'score_1'),
 * @down Hides it again.
 * @cost Operations on the collection wait for a moment. The index serves at once, since a hidden index is maintained.
 * @throws error with code `MIGRATION` for names that no collection or index can have.
 */
export function showIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'showIndex');
  checkText('showIndex', 'second argument', index);
  return {
    describe: [`show the index ${index} of ${collection}`],
    changes: [change('index.hidden', { collection, name: index }, true, undefined)],
  };
}
