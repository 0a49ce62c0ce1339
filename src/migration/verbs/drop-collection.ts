import { inverse, wirePlace } from '../../schema';
import type { SchemaStep } from '../types';
import { checkList, checkNames, checkObject, checkReason, checkText } from './arguments';
import { SchemaError } from '../../support/schema-error';

/**
 * Drops a collection permanently. `was` lists the steps that create the collection again in a rollback.
 * @category Collections
 * @example
 * dropCollection('drafts', { reason: 'nobody writes drafts any more', was: [createCollections('drafts')] }),
 * @down Creates the collection again, without its documents.
 * @cost Writes to the collection are refused while its documents are counted. Then the collection is dropped. Dropping a collection
 *   that holds documents is refused, unless `--allow-data-loss` names the migration.
 * @throws error with code `MIGRATION` when no reason is given, or a step of `was` is about another collection.
 */
export function dropCollection(
  collection: string,
  definition: { reason: string; was: readonly SchemaStep[] },
): SchemaStep {
  checkText('dropCollection', 'first argument', collection);
  checkObject('dropCollection', 'second argument', definition, 'an object: { reason, was }');
  checkNames('dropCollection', definition, ['reason', 'was']);
  const { reason, was } = definition;
  checkReason(`dropCollection('${collection}')`, reason, "say why the collection is dropped: { reason: '…' }");
  checkList('dropCollection', '`was`', was, 'the list of the steps that made the collection');
  const made = was.flatMap(({ changes }) => changes);
  const stranger = made.find(({ place }) => place.collection !== collection);
  if (stranger) {
    throw new SchemaError(
      'MIGRATION',
      `dropCollection('${collection}') names ${wirePlace(stranger).join('.')} of another collection`,
      {
        fix: 'list in `was` only the steps that made this collection',
      },
    );
  }
  if (!made.some(({ kind }) => kind === 'collection')) {
    throw new SchemaError('MIGRATION', `dropCollection('${collection}') does not say how the collection was made`, {
      fix: 'start `was` with its createCollections step',
    });
  }
  return {
    describe: [`drop the collection \`${collection}\`: ${reason}`],
    changes: inverse(made),
    reason,
  };
}
