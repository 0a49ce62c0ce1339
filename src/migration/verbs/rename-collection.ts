import { change } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import type { SchemaStep } from '../types';
import { checkCollectionName } from './names';

/**
 * Renames a collection with its documents, options, validator and indexes. If the new name is taken, the migration is refused, and nothing
 * is dropped. Views that read from the old name must be dropped before the rename, or changed after the rename, in the same
 * migration. No other step of that migration may touch the collection. A time series cannot be renamed.
 *
 * An application that still writes under the old name creates a new collection. A view with the old name makes such
 * writes fail, and still shows all documents.
 * @category Collections
 * @example
 * renameCollection('accounts', 'customers'),
 * createView('accounts', { on: 'customers', pipeline: [] }),
 * @down Renames the collection back.
 * @cost Operations on the collection wait for a moment. Queries that use the old name find nothing until a view with that name exists.
 * @throws error with code `MIGRATION` for invalid names, or when both names are the same.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/renameCollection/
 */
export function renameCollection(from: string, to: string): SchemaStep {
  checkCollectionName(from, 'renameCollection');
  checkCollectionName(to, 'renameCollection');
  if (from === to) {
    throw new SchemaError('MIGRATION', `renameCollection('${from}', '${to}') does not change the name`, {
      fix: 'correct one of the two names, or remove the step',
    });
  }
  return {
    describe: [`rename the collection \`${from}\` to \`${to}\``],
    changes: [change('collection.name', { collection: from, becomes: to }, from, to)],
  };
}
