import type { Document } from 'mongodb';
import {
  change,
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
import { checkList, checkObject } from './arguments';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

/**
 * Inserts reference documents: rows that the product ships and migrations own, each with a stable `_id`. Going down
 * removes the rows that are still as they were inserted, and keeps those that people have edited since.
 * Each value comes to the server with the type that it is written with: `Long`, `Double`, `BSONRegExp` and the others.
 * @throws error for a document without an `_id`, and for a value that the server would refuse or store as another.
 */
export function insertDocuments(collection: string, documents: readonly Document[]): SchemaStep {
  checkCollectionName(collection, 'insertDocuments');
  checkList('insertDocuments', 'second argument', documents, 'a list of documents, each with an _id');
  const changes = documents.map((document, index) => {
    checkObject('insertDocuments', 'document', document);
    if (document['_id'] === undefined) {
      throw new SchemaError('MIGRATION', `Document ${index + 1} for ${collection} has no _id`, {
        fix: 'give it a fixed one',
      });
    }
    const plain = toPlain(document);
    refuseInexact(plain);
    const id = plain['_id'];
    const problems = [...rowProblems(plain)];
    if (problems.length > 0 || id === undefined)
      throw new SchemaError('MIGRATION', `Document ${index + 1} for ${collection} cannot be stored as it is written`, {
        why: problems,
      });
    return change('document', { collection, key: keyOfPlain(id) }, undefined, plain);
  });
  return { describe: [`insert ${documents.length} documents into ${collection}`], changes };
}

function* rowProblems(row: PlainObject): Generator<string> {
  const { _id, ...fields } = row;
  if (_id === undefined) {
    yield 'a field at its top is named as a type in Extended JSON, such as $date: put it into an object, or name it otherwise';
    return;
  }
  yield* literalProblems(row);
  yield* idProblems(_id);
  for (const [name, value] of Object.entries(fields)) {
    const time = isPlainObject(value) ? value['$timestamp'] : undefined;
    if (JSON.stringify(time) === '{"t":0,"i":0}')
      yield `${name} is an empty Timestamp, in place of which the server stores the present time`;
  }
}

/** @see https://www.mongodb.com/docs/v7.0/core/document/#the-_id-field */
function* idProblems(id: Plain): Generator<string> {
  if (Array.isArray(id)) yield '_id is a list, which no _id can be';
  else if (isPlainObject(id) && '$regularExpression' in id) yield '_id is a regular expression, which no _id can be';
  else yield* namesInId(id, '_id');
}

function* namesInId(value: Plain, path: string): Generator<string> {
  if (Array.isArray(value)) {
    for (const [index, inner] of (value as readonly Plain[]).entries()) yield* namesInId(inner, `${path}[${index}]`);
    return;
  }
  if (!isPlainObject(value)) return;
  if ('$document' in value)
    yield `${path} has a name that an _id cannot have, or names in an order that JavaScript does not keep`;
  else if (!isTypedValue(value))
    for (const [name, inner] of Object.entries(value)) {
      if (name.startsWith('$') && !['$ref', '$id', '$db'].includes(name))
        yield `${path} has the field ${name}, and no name in an _id begins with $`;
      yield* namesInId(inner, `${path}.${name}`);
    }
}
