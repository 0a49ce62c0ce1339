import type { Document } from 'mongodb';
import {
  change,
  equal,
  isPlainObject,
  isTypedValue,
  keyOfPlain,
  literalProblems,
  refuseInexact,
  toPlain,
  type Plain,
  type PlainObject,
} from '../../schema';
import type { SchemaStep } from '../types';
import { checkList, checkNames, checkObject } from './arguments';
import { checkCollectionName } from './names';
import { documents as rows } from '../../support/counts';
import { SchemaError } from '../../support/schema-error';

/**
 * Inserts reference documents ("rows"): documents that are part of the product and are managed by migrations. You choose the `_id` of
 * each row. Values are stored with the BSON type that you write: `Long`, `Double`, `BSONRegExp` and the others.
 * @category Reference documents
 * @example
 * insertDocuments('plans', [{ _id: 'free', seats: 1 }]),
 * @down Removes the rows that still have their original values. Rows that were edited by hand are kept, and reported.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for a document without an `_id`, and for a value that the server would refuse or change.
 */
export function insertDocuments(collection: string, documents: readonly Document[]): SchemaStep {
  const changes = rowsOf('insertDocuments', collection, documents).map(({ key, row }) =>
    change('document', { collection, key }, undefined, row),
  );
  return { describe: [`insert ${rows(documents.length)} into \`${collection}\``], changes };
}

/** A reference document before and after the change, both in full. */
export interface DocumentUpdate {
  /** The document from the earlier migrations. */
  readonly from: Document;
  /** The new document. */
  readonly to: Document;
}

/**
 * Changes reference documents that earlier migrations inserted. The step changes only rows that still have their original values. A row
 * that was edited or removed by hand is not changed, and is reported.
 * @category Reference documents
 * @example
 * updateDocuments('plans', [{ from: { _id: 'free', seats: 1 }, to: { _id: 'free', seats: 3 } }]),
 * @down Restores the old values of the rows that still have the values of this step.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for a row whose `_id` changes, for a row without a change, and for what `insertDocuments` refuses.
 */
export function updateDocuments(collection: string, updates: readonly DocumentUpdate[]): SchemaStep {
  const verb = 'updateDocuments';
  checkCollectionName(collection, verb);
  checkList(verb, 'second argument', updates, 'a list of rows: [{ from: { _id: 1, … }, to: { _id: 1, … } }]');
  for (const update of updates) {
    checkObject(verb, 'row', update, 'an object: { from: { _id: 1, … }, to: { _id: 1, … } }');
    checkNames(verb, update, ['from', 'to']);
  }
  const before = rowsOf(
    verb,
    collection,
    updates.map(({ from }) => from),
  );
  const after = rowsOf(
    verb,
    collection,
    updates.map(({ to }) => to),
  );
  const changes = before.map(({ key, row: from }, at) => {
    const to = after[at];
    if (to?.key !== key) {
      throw new SchemaError('MIGRATION', `Document ${at + 1} for ${collection} has two different _ids`, {
        why: 'an _id never changes',
        fix: 'remove the old document with removeDocuments, and insert the new one with insertDocuments',
      });
    }
    if (equal('document', from, to.row)) {
      throw new SchemaError('MIGRATION', `Document ${at + 1} for ${collection} is the same before and after`, {
        fix: 'remove it from the list, or correct its `to`',
      });
    }
    return change('document', { collection, key }, from, to.row);
  });
  return { describe: [`update ${rows(updates.length)} of \`${collection}\``], changes };
}

/**
 * Removes reference documents that earlier migrations inserted. Write each row with its original values. A row that was edited by hand
 * is kept, and reported. If `--allow-data-loss` names the migration, such a row is removed too.
 * @category Reference documents
 * @example
 * removeDocuments('plans', [{ _id: 'trial', days: 14 }]),
 * @down Inserts the rows again, with their original values.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for what `insertDocuments` refuses.
 */
export function removeDocuments(collection: string, documents: readonly Document[]): SchemaStep {
  const changes = rowsOf('removeDocuments', collection, documents).map(({ key, row }) =>
    change('document', { collection, key }, row, undefined),
  );
  return { describe: [`remove ${rows(documents.length)} from \`${collection}\``], changes };
}

/** Returns the reference documents in the form that a schema stores, each with its key. */
function rowsOf(verb: string, collection: string, documents: readonly Document[]) {
  checkCollectionName(collection, verb);
  checkList(verb, 'second argument', documents, 'a list of documents, each with an _id');
  return documents.map((document, index) => {
    checkObject(verb, 'document', document);
    if (document['_id'] === undefined) {
      throw new SchemaError('MIGRATION', `Document ${index + 1} for ${collection} has no _id`, {
        fix: 'give it a fixed _id',
      });
    }
    const row = toPlain(document);
    refuseInexact(row);
    const id = row['_id'];
    const problems = [...rowProblems(row)];
    if (problems.length > 0 || id === undefined)
      throw new SchemaError('MIGRATION', `Document ${index + 1} for ${collection} cannot be stored as it is written`, {
        why: problems,
      });
    return { key: keyOfPlain(id), row };
  });
}

function* rowProblems(row: PlainObject): Generator<string> {
  const { _id, ...fields } = row;
  if (_id === undefined) {
    yield 'a field at its top level has the name of an Extended JSON type, such as $date: move it into an object, or rename it';
    return;
  }
  yield* literalProblems(row);
  yield* idProblems(_id);
  for (const [name, value] of Object.entries(fields)) {
    const time = isPlainObject(value) ? value['$timestamp'] : undefined;
    if (JSON.stringify(time) === '{"t":0,"i":0}')
      yield `${name} is an empty Timestamp, which the server replaces by the present time`;
  }
}

/** @see https://www.mongodb.com/docs/v7.0/core/document/#the-_id-field */
function* idProblems(id: Plain): Generator<string> {
  if (Array.isArray(id)) yield '_id is a list, which is not allowed';
  else if (isPlainObject(id) && '$regularExpression' in id) yield '_id is a regular expression, which is not allowed';
  else yield* namesInId(id, '_id');
}

function* namesInId(value: Plain, path: string): Generator<string> {
  if (Array.isArray(value)) {
    for (const [index, inner] of (value as readonly Plain[]).entries()) yield* namesInId(inner, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) return;
  if ('$document' in value)
    yield `${path} has a name that is not allowed in an _id, or names in an order that JavaScript does not keep`;
  else if (!isTypedValue(value))
    for (const [name, inner] of Object.entries(value)) {
      if (name.startsWith('$') && !['$ref', '$id', '$db'].includes(name))
        yield `${path} has the field ${name}, but names in an _id must not begin with $`;
      yield* namesInId(inner, `${path}.${name}`);
    }
}
