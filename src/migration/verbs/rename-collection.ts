import { change } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import type { SchemaStep } from '../types';
import { checkCollectionName } from './names';

/**
 * Gives a collection another name, with its documents, options, validator and indexes. What has the new name already is never
 * dropped: the migration is refused. Views that read from the old name are dropped before it, or changed after it, in the same
 * migration; nothing else in that migration touches the collection. A time series cannot be renamed.
 *
 * An application that still writes under the old name makes a collection there. A view that keeps the old name makes such
 * writes fail, and goes on showing everything.
 * @category Collections
 * @example
 * renameCollection('accounts', 'customers'),
 * createView('accounts', { on: 'customers', pipeline: [] }),
 * @down Renames it back.
 * @cost Operations on the collection wait for a moment. Whoever uses the old name finds nothing between the rename and the view.
 * @throws error with code `MIGRATION` for names that no collection can have, and for one and the same name.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/renameCollection/
 */
export function renameCollection(from: string, to: string): SchemaStep {
  checkCollectionName(from, 'renameCollection');
  checkCollectionName(to, 'renameCollection');
  if (from === to) {
    throw new SchemaError(
      'MIGRATION',
      `renameCollection('${from}', '${to}') gives the collection the name that it has`,
      {
        fix: 'correct one of the two names, or leave the step out',
      },
    );
  }
  return {
    describe: [`rename the collection ${from} to ${to}`],
    changes: [change('collection.name', { collection: from, becomes: to }, from, to)],
  };
}
