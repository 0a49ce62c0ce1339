import { arraysBeyond, fieldOf, isTopLevel, tooDeep, withoutField, type FieldPath } from '../field-path';
import { irreversible, type DataStep } from '../types';
import { checkObject, checkReason } from './arguments';
import { backfill, generated, type BackfillDefinition } from './backfill';

export interface DropFieldOptions extends Pick<BackfillDefinition, 'pause'> {
  /** How many documents one update command covers. The default is 10,000. */
  readonly batchSize?: number;
  /** Why the values of the field can be deleted. */
  readonly reason: string;
  /** Set this when documents have the field although no validator, index or data step mentions it. Otherwise the name counts as a typo. */
  readonly undeclared?: boolean;
}

/**
 * Removes a field from every document of a collection. The path may lead through sub-documents and arrays. With an array on the path,
 * the field is removed from each element. If a name contains a dot or begins with a dollar sign, write the path as a list of names:
 * `['counts', 'example.com']`.
 * @category Data
 * @example
 * dropField('results', 'draft_score', { reason: 'nothing reads it since release 12' }),
 * @down Refused: the values cannot be restored.
 * @cost Reads and writes every document that has the field, in batches. While any document has the field, the run requires
 *   `--allow-data-loss` with the migration's name. If a document has the field in an array inside two other arrays, the step stops
 *   before its first write.
 * @throws error with code `MIGRATION` when no reason is given, or for an invalid field path.
 */
export function dropField(collection: string, path: FieldPath, options: DropFieldOptions): DataStep {
  const what = `dropField('${collection}', ${typeof path === 'string' ? `'${path}'` : JSON.stringify(path)})`;
  checkObject(what, 'options', options, "an object: { reason: '…' }");
  const { reason, undeclared = false, ...batches } = options;
  checkReason(what, reason, "say why the field is dropped: { reason: '…' }");
  const field = fieldOf(path, what);
  const { label } = field;
  const undo = irreversible(`the values of ${label} in ${collection} were deleted (${reason})`);
  // A nested field needs an expression: if its path leads through an array, `$exists` matches the field, but `$unset` does not remove it.
  const filter = isTopLevel(field)
    ? { [label]: { $exists: true } }
    : { $expr: { $ne: ['$$ROOT', withoutField(field)] } };
  const update = isTopLevel(field) ? { $unset: { [label]: '' } } : [{ $replaceWith: withoutField(field) }];
  const beyond = tooDeep(field);
  const step = backfill(collection, { ...batches, filter, update, undo });
  return {
    ...step,
    updates: generated(step.updates),
    describe: [`drop the field ${label} of ${collection}: ${reason}`],
    reason,
    unsets: [label],
    expects: undeclared ? [] : [field.names],
    loses: { up: { collection, fields: [label], filter } },
    ...(beyond && {
      obstacles: {
        up: [{ collection, filter: beyond, why: arraysBeyond(field) }],
        summary: `The field ${label} of ${collection} cannot be found in all documents, so it was not dropped`,
        fix: 'flatten these arrays in an earlier step, or drop the field with `run`',
      },
    }),
  };
}
