import { change, isTextKey, type Index } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import type { SchemaStep } from '../types';
import { checkNames, checkObject, checkReason } from './arguments';
import type { IndexDefinition } from './index-definition';
import { createIndexes } from './indexes';

export interface TextIndexChange {
  /** Why it is acceptable that searches fail during the build. */
  readonly reason: string;
  /** The current index, in full. */
  readonly from: IndexDefinition;
  /** The new index, in full. */
  readonly to: IndexDefinition;
}

/**
 * Changes the weights, the language or the fields of the text index of a collection. The server cannot change a text index, and allows
 * only one per collection, so the old index is dropped before the new one is built.
 * @category Indexes
 * @example
 * changeTextIndex('articles', {
 *   reason: 'titles count more; search may be away for a minute',
 *   from: { name: 'search', key: { title: 'text', body: 'text' }, serves: 'search' },
 *   to: { name: 'search', key: { title: 'text', body: 'text' }, weights: { title: 5, body: 1 }, serves: 'search' },
 * }),
 * @down Changes the index back, in the same way.
 * @cost **Every `$text` query on the collection fails from the drop until the end of the build**, which reads every document once. If
 *   the new index would refuse documents, the step stops before the drop.
 * @throws error with code `MIGRATION` when no reason is given, or one of the two definitions is not a text index.
 */
export function changeTextIndex(collection: string, definition: TextIndexChange): SchemaStep {
  const verb = 'changeTextIndex';
  checkObject(verb, 'second argument', definition, 'an object: { reason, from: { … }, to: { … } }');
  checkNames(verb, definition, ['reason', 'from', 'to']);
  const { reason } = definition;
  checkReason(`${verb}('${collection}')`, reason, "say why search may fail in the meantime: { reason: '…' }");
  const [from, to] = [definition.from, definition.to].map((side) => createIndexes(collection, [side]));
  const [before] = from?.changes ?? [];
  const [after] = to?.changes ?? [];
  if (before?.kind !== 'index' || after?.kind !== 'index' || !isText(before.to) || !isText(after.to)) {
    throw new SchemaError('MIGRATION', `changeTextIndex('${collection}') names an index that is not a text index`, {
      why: "at least one field of its key must have the kind 'text'",
      fix: 'other indexes can exist at the same time: create the new index, hide the old index, and drop the old index in a later migration',
    });
  }
  const isSamePlace = before.place.name === after.place.name;
  return {
    describe: [`change the text index \`${before.place.name}\` of \`${collection}\`: ${reason}`],
    changes: isSamePlace
      ? [change('index', before.place, before.to, after.to)]
      : [change('index', before.place, before.to, undefined), change('index', after.place, undefined, after.to)],
    serves: { ...to?.serves },
    reason,
  };
}

function isText(index: Index | undefined): boolean {
  return index !== undefined && isTextKey(index.key);
}
