import { canonicalIndex, change, inverseOf, toPlain } from '../../schema';
import type { SchemaStep } from '../types';
import { checkList, checkNames, checkObject, checkText, isObject, withoutUndefined } from './arguments';
import { withWholeCollation } from './collation';
import { checkCollectionName } from './names';
import { humanSeconds } from '../../support/counts';
import { SchemaError } from '../../support/schema-error';
import { checkIndex, checkTtl } from './index-checks';
import type { IndexDefinition } from './index-definition';

/**
 * Creates indexes on one collection, with a single scan of the collection.
 * @category Indexes
 * @example
 * createIndexes('results', [
 *   { name: 'content.language_code_1', key: { 'content.language_code': 1 }, serves: 'results in one language' },
 * ]),
 * @down Drops the indexes.
 * @cost Every document is read once. Reads and writes continue during the build, and wait only briefly at its start and end. All
 *   members of a replica set build the index at the same time.
 * @throws error with code `MIGRATION` for a definition that the server would refuse, or that would crash the server.
 * @see https://www.mongodb.com/docs/v7.0/core/index-creation/
 */
export function createIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  const checked = checkedDefinitions('createIndexes', collection, definitions);
  const names = checked.map(({ name }) => name);
  return {
    describe: [`create ${namesOfIndexes(names)} on \`${collection}\``],
    changes: checked.map(({ serves: _serves, ...definition }) =>
      change('index', { collection, name: definition.name }, undefined, canonicalIndex(toPlain(definition))),
    ),
    serves: Object.fromEntries(checked.map(({ name, serves }) => [`${collection}.${name}`, serves])),
  };
}

function namesOfIndexes(names: readonly string[]): string {
  return `the ${names.length === 1 ? 'index' : 'indexes'} ${names.map((name) => `\`${name}\``).join(', ')}`;
}

function checkedDefinitions(
  verb: string,
  collection: string,
  definitions: readonly IndexDefinition[],
): readonly IndexDefinition[] {
  checkCollectionName(collection, verb);
  checkList(verb, 'second argument', definitions, `a list of indexes: ${verb}('users', [{ name, key, serves }])`);
  return definitions.map((definition) => {
    const given = isObject(definition) ? withoutUndefined(definition) : definition;
    checkIndex(collection, given);
    return withWholeCollation(given, 'index');
  });
}

/**
 * Drops indexes of one collection. Write the definition of each index as it was created.
 * @category Indexes
 * @example
 * dropIndexes('results', [{ name: 'score_1', key: { score: 1 }, serves: 'results by score' }]),
 * @down Creates the indexes again, which reads every document once.
 * @cost Operations on the collection wait for a moment. Queries that use a dropped index become slower, so hide the index first.
 * @throws error with code `MIGRATION` for a definition that `createIndexes` would refuse.
 */
export function dropIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  checkedDefinitions('dropIndexes', collection, definitions);
  const { changes } = createIndexes(collection, definitions);
  const names = definitions.map(({ name }) => name);
  return {
    describe: [`drop ${namesOfIndexes(names)} of \`${collection}\``],
    changes: changes.map(inverseOf),
  };
}

/**
 * Changes the number of seconds after which documents expire. Without `from`, the step adds a TTL to a plain index, in place. Without
 * `to`, the step removes the TTL.
 * @category Indexes
 * @example
 * changeTtl('audit_logs', 'created_at_1', { from: 31_536_000, to: 7_776_000 }),
 * @down Restores the old time. Documents that were deleted in the meantime stay deleted.
 * @cost Operations on the collection wait for a moment. A shorter time deletes documents within a minute: the documents are
 *   counted first, and the run requires `--allow-data-loss` with the migration's name. Removing the TTL rebuilds the index; during the
 *   rebuild, another index serves the queries.
 * @throws error with code `MIGRATION` for seconds that the server would refuse.
 * @see https://www.mongodb.com/docs/v7.0/core/index-ttl/
 */
export function changeTtl(
  collection: string,
  index: string,
  seconds: { readonly from?: number | undefined; readonly to?: number | undefined },
): SchemaStep {
  checkCollectionName(collection, 'changeTtl');
  checkText('changeTtl', 'second argument', index);
  checkObject('changeTtl', 'third argument', seconds, 'an object: { from: 60, to: 90 }');
  checkNames('changeTtl', seconds, ['from', 'to']);
  const { from, to } = seconds;
  if (from === undefined && to === undefined) {
    throw new SchemaError('MIGRATION', `changeTtl('${collection}', '${index}') has neither from nor to`, {
      fix: 'write { to: SECONDS } for a new TTL, { from, to } to change one, { from } to remove it',
    });
  }
  for (const side of [from, to]) if (side !== undefined) checkTtl(`${collection}.${index}`, side);
  const which = `the TTL of \`${collection}.${index}\``;
  const say = (side: number | undefined) => humanSeconds(side ?? 0);
  const words =
    from === undefined
      ? `set ${which} to ${say(to)}`
      : to === undefined
        ? `remove ${which}, which was ${say(from)}`
        : `change ${which} from ${say(from)} to ${say(to)}`;
  return { describe: [words], changes: [change('index.expireAfterSeconds', { collection, name: index }, from, to)] };
}
