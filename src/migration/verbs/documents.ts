import type { Document } from 'mongodb';
import { change, documentKey, refuseInexact, toPlain } from '../../schema';
import type { SchemaStep } from '../types';
import { checkList, checkObject } from './arguments';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

/**
 * Inserts reference documents: rows that the product ships and migrations own, each with a stable `_id`. Going down
 * removes the rows that are still as they were inserted, and keeps those that people have edited since.
 * @throws error for a document without an `_id`, or with a number that the server would store as another.
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
    return change('document', { collection, key: documentKey(document['_id']) }, undefined, plain);
  });
  return { describe: [`insert ${documents.length} documents into ${collection}`], changes };
}
