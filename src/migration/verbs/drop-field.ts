import { fieldOf, isTopLevel, withoutField, type FieldPath } from '../field-path';
import { irreversible, type DataStep } from '../types';
import { backfill } from './backfill';
import { SchemaError } from '../../support/schema-error';

export interface DropFieldOptions {
  readonly reason: string;
  /** Whether documents have the field although no validator, index or data step speaks of it: else that is taken for a typo. */
  readonly undeclared?: boolean;
}

/**
 * Removes a field from every document of a collection, in batches. It cannot come back. A path leads through sub-documents
 * and through arrays, where the field is taken out of each element. A name that holds a dot or begins with a dollar sign is
 * written in a list of names: `dropField('pages', ['counts', 'example.com'], { reason: '…' })`.
 * @throws error with code `MIGRATION` when no reason is given, or for what is no path of a field.
 */
export function dropField(
  collection: string,
  path: FieldPath,
  { reason, undeclared = false }: DropFieldOptions,
): DataStep {
  const what = `dropField('${collection}', ${typeof path === 'string' ? `'${path}'` : JSON.stringify(path)})`;
  if (reason.trim() === '') {
    throw new SchemaError('MIGRATION', `${what} has no reason`, {
      fix: "say why it is dropped: { reason: '…' }",
    });
  }
  const field = fieldOf(path, what);
  const { label } = field;
  const undo = irreversible(`the values of ${label} in ${collection} are gone (${reason})`);
  // `$unset` of a path does nothing in an array, where its `$exists` matches nonetheless.
  const filter = isTopLevel(field)
    ? { [label]: { $exists: true } }
    : { $expr: { $ne: ['$$ROOT', withoutField(field)] } };
  const update = isTopLevel(field) ? { $unset: { [label]: '' } } : [{ $replaceWith: withoutField(field) }];
  return {
    ...backfill(collection, { filter, update, undo }),
    describe: [`drop the field ${label} of ${collection}: ${reason}`],
    reason,
    unsets: [label],
    expects: undeclared ? [] : [field.names],
    loses: { up: { collection, fields: [label], filter } },
  };
}
