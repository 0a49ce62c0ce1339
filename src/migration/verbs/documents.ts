import type { Document } from 'mongodb';
import { change, documentKey, refuseInexact, toPlain } from '../../schema';
import type { SchemaStep } from '../types';
import { checkCollectionName } from './names';

/**
 * Inserts reference documents: rows that the product ships and migrations own, each with a stable `_id`. Going down
 * removes the rows that are still as they were inserted, and keeps those that people have edited since.
 * @throws Error for a document without an `_id`, or with a number that the server would store as another.
 */
export function insertDocuments(collection: string, documents: readonly Document[]): SchemaStep {
  checkCollectionName(collection);
  const changes = documents.map((document, at) => {
    if (document['_id'] === undefined)
      throw new Error(`Document ${at + 1} for ${collection} has no _id: give it a fixed one.`);
    const plain = toPlain(document);
    refuseInexact(plain);
    return change([collection, 'documents', documentKey(document['_id'])], undefined, plain);
  });
  return { describe: [`insert ${documents.length} documents into ${collection}`], changes };
}
