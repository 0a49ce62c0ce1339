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
 * Creates indexes on one collection, in one scan of it. Going down drops them.
 * @throws error for a definition that the server would refuse, or choke on.
 */
export function createIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  const checked = checkedDefinitions('createIndexes', collection, definitions);
  const names = checked.map(({ name }) => name);
  return {
    describe: [`create the indexes ${names.join(', ')} on ${collection}`],
    changes: checked.map(({ serves: _serves, ...definition }) =>
      change('index', { collection, name: definition.name }, undefined, canonicalIndex(toPlain(definition))),
    ),
    serves: Object.fromEntries(checked.map(({ name, serves }) => [`${collection}.${name}`, serves])),
  };
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
 * Drops indexes of one collection. Each is written out as it was created, so that going down can create it again.
 * @throws error for a definition that `createIndexes` would refuse.
 */
export function dropIndexes(collection: string, definitions: readonly IndexDefinition[]): SchemaStep {
  checkedDefinitions('dropIndexes', collection, definitions);
  const { changes } = createIndexes(collection, definitions);
  const names = definitions.map(({ name }) => name);
  return {
    describe: [`drop the indexes ${names.join(', ')} of ${collection}`],
    changes: changes.map(inverseOf),
  };
}

/**
 * Changes after how many seconds documents expire: `changeTtl('audit_logs', 'created_at_1', { from: 31536000, to: 7776000 })`.
 * Without `from` it makes a TTL of a plain index, in place. Without `to`, and going down from there, it takes the TTL off: for
 * that the server has no command, so the index is built again while another one serves.
 * @throws error for seconds that the server would refuse.
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
      fix: 'write { to: SECONDS } for a TTL where none was, { from, to } for another one, { from } to take it off',
    });
  }
  for (const side of [from, to]) if (side !== undefined) checkTtl(`${collection}.${index}`, side);
  const which = `the TTL of ${collection}.${index}`;
  const say = (side: number | undefined) => humanSeconds(side ?? 0);
  const words =
    from === undefined
      ? `set ${which} to ${say(to)}`
      : to === undefined
        ? `take ${which} off, which was ${say(from)}`
        : `change ${which} from ${say(from)} to ${say(to)}`;
  return { describe: [words], changes: [change('index.expireAfterSeconds', { collection, name: index }, from, to)] };
}
