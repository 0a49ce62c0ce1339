import { change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkText } from './arguments';
import { checkCollectionName } from './names';

/**
 * Makes an existing index unique. The step first makes the server refuse new duplicates, then searches for existing
 * duplicates, then converts the index. Text, hashed and wildcard indexes cannot be unique.
 * @category Indexes
 * @example
 * makeUnique('users', 'email_1'),
 * @down Makes the index non-unique again. The index is rebuilt; during the rebuild, the unique index serves the queries.
 * @cost Operations on the collection wait for a moment, and the index is read once. Duplicates stop the step, and are listed.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
 */
export function makeUnique(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'makeUnique');
  checkText('makeUnique', 'second argument', index);
  return {
    describe: [`make the index \`${index}\` of \`${collection}\` unique`],
    changes: [change('index.unique', { collection, name: index }, undefined, true)],
  };
}

/**
 * Hides an index from the query planner, to find out whether any query needs it. A later migration drops the index, or makes it visible
 * again.
 * @category Indexes
 * @example
 * hideIndex('results', 'score_1'),
 * @down Makes the index visible again. Queries can use it at once, since the server also keeps a hidden index up to date.
 * @cost Operations on the collection wait for a moment. Queries that use the index become slower.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
 * @see https://www.mongodb.com/docs/v7.0/core/index-hidden/
 */
export function hideIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'hideIndex');
  checkText('hideIndex', 'second argument', index);
  return {
    describe: [`hide the index \`${index}\` of \`${collection}\``],
    changes: [change('index.hidden', { collection, name: index }, undefined, true)],
  };
}

/**
 * Makes an index visible to the query planner again, after `hideIndex` has hidden it.
 * @category Indexes
 * @example
 * showIndex('results', 'score_1'),
 * @down Hides the index again.
 * @cost Operations on the collection wait for a moment. Queries can use the index at once, since the server also keeps a hidden index
 *   up to date.
 * @throws error with code `MIGRATION` for an invalid name of a collection or an index.
 */
export function showIndex(collection: string, index: string): SchemaStep {
  checkCollectionName(collection, 'showIndex');
  checkText('showIndex', 'second argument', index);
  return {
    describe: [`show the index \`${index}\` of \`${collection}\``],
    changes: [change('index.hidden', { collection, name: index }, true, undefined)],
  };
}
