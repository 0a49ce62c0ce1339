import { change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkText } from './arguments';
import { checkCollectionName } from './names';

/**
 * Makes an index unique over existing documents. It first refuses new duplicates, then searches for existing ones,
 * then converts the index. Text, hashed and wildcard indexes cannot be unique.
 * @category Indexes
 * @example
 * makeUnique('users', 'email_1'),
 * @down Makes it a plain index again. The index is rebuilt, while the unique one serves.
 * @cost Operations on the collection wait for a moment, and the index is read once. Duplicates stop it, and are listed.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
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
 * Hides an index from the query planner, to find out whether anyone needs it. A later migration drops it, or shows it again.
 * @category Indexes
 * @example
 * hideIndex('results', 'score_1'),
 * @down Shows it again. It serves queries at once, since a hidden index is kept up to date.
 * @cost Operations on the collection wait for a moment. Queries that use the index become slower.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
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
 * Shows an index that `hideIndex` has hidden to the query planner again.
 * @category Indexes
 * @example
 * showIndex('results', 'score_1'),
 * @down Hides it again.
 * @cost Operations on the collection wait for a moment. The index serves queries at once, since a hidden index is kept up to date.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
 */
export function showIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'showIndex');
  checkText('showIndex', 'second argument', index);
  return {
    describe: [`show the index ${index} of ${collection}`],
    changes: [change('index.hidden', { collection, name: index }, true, undefined)],
  };
}
