import { BSON, MongoBulkWriteError, ObjectId, type Collection, type Db, type Document } from 'mongodb';
import type { CollectionName } from '../../models';
import { uniqueName } from '../support/database';
import type { JsonSchema } from './json-schema';

const batchSize = 200;
/** DocumentValidationFailure; and what an _id that no document may have is refused with, before any validator. */
const refusals = new Set<unknown>([121, 53, 52, 2]);

/**
 * The validator that a collection has on the server.
 * @throws Error when it has none
 */
async function validatorOf(db: Db, name: CollectionName): Promise<Document> {
  const [found] = await db.listCollections({ name }, { nameOnly: false }).toArray();
  const { validator } = (found?.options ?? {}) as { validator?: Document };
  if (validator?.['$jsonSchema']) return validator;
  throw new Error(
    `models/models.ts names ${name}, which has no validator with $jsonSchema that a model can agree with`,
  );
}

export async function schemaOf(db: Db, name: CollectionName): Promise<JsonSchema> {
  return (await validatorOf(db, name))['$jsonSchema'] as JsonSchema;
}

/** A collection with the same validator and no indexes, so that nothing but the validator refuses a document. */
export async function collectionLike(db: Db, name: CollectionName): Promise<Collection> {
  const validator = await validatorOf(db, name);
  return db.createCollection(uniqueName(`like_${name}`), {
    validator,
    validationLevel: 'strict',
    validationAction: 'error',
  });
}

/** For each document, whether the server takes it. */
export async function acceptedOf(collection: Collection, documents: readonly object[]): Promise<boolean[]> {
  const accepted = documents.map(() => true);
  for (let start = 0; start < documents.length; start += batchSize) {
    const batch = documents.slice(start, start + batchSize);
    for (const index of await refusedOf(collection, batch)) accepted[start + index] = false;
  }
  return accepted;
}

async function refusedOf(collection: Collection, documents: readonly Document[]): Promise<number[]> {
  try {
    await collection.insertMany(documents, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    return [error.writeErrors].flat().map(({ code, index, errmsg }) => {
      if (!refusals.has(code)) throw new Error(`document ${index} failed for another reason: ${String(errmsg)}`);
      return index;
    });
  }
}

/** A document as the driver would read it back. */
export function asRead(document: object): Document {
  return BSON.deserialize(BSON.serialize(document, { ignoreUndefined: false }));
}

/** The same document under an _id that no other has, unless it is the _id that matters. */
export function underNewId<T extends object>(document: T): T {
  return { ...document, _id: new ObjectId() };
}
