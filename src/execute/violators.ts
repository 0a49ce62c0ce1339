import { MongoServerError, type Db, type Document, type Filter } from 'mongodb';
import { maxTimeExpired, nameOfError } from '../database/server-errors';
import { documentKey } from '../schema';
import { bytesOf } from '../support/exact-bson';
import { amongIds, firstRefused, isAboutDocument, type RefusedDocument } from './refused-document';

const shown = 5;
/** How many documents are tried together to find those that cause an error in the validator. */
const batch = 1_000;

export interface Violators {
  readonly count: number;
  /** The `_id`s of some of the documents, as text. */
  readonly ids: readonly string[];
  /**
   * The error of the validator for a document, such as a division by zero. With this validator, nobody could write that document. If there
   * is such an error, only this document is named, and no other documents are counted.
   */
  readonly failure?: MongoServerError;
}

export interface ViolatorsOptions {
  /** Limits each query and the search for a failing document, in milliseconds. */
  readonly maxTimeMS?: number;
}

/** Returns the documents that a validator would refuse. */
export async function violatorsOf(
  db: Db,
  collection: string,
  validator: Document,
  { maxTimeMS = 0 }: ViolatorsOptions = {},
): Promise<Violators> {
  const filter: Filter<Document> = { $nor: [validator] };
  const options = { readPreference: 'primary', maxTimeMS } as const;
  const documents = db.collection(collection);
  try {
    // Count first: reading a few documents could end before it reaches the document for which the validator fails.
    const count = await documents.countDocuments(filter, options);
    if (count === 0) return { count, ids: [] };
    const found = await documents
      .find(filter, { ...options, projection: { _id: 1 } })
      .limit(shown)
      .toArray();
    return { count, ids: found.map(({ _id }) => documentKey(_id)) };
  } catch (error) {
    const failing = isAboutDocument(error) ? await firstFailing(db, collection, filter, maxTimeMS) : undefined;
    if (!failing) throw error;
    return { count: 1, ids: [failing.id], failure: failing.error };
  }
}

/** Returns the first document for which a filter ends with an error; undefined when there is no such document any more. */
async function firstFailing(
  db: Db,
  collection: string,
  filter: Filter<Document>,
  maxTimeMS: number,
): Promise<RefusedDocument | undefined> {
  const until = maxTimeMS === 0 ? Infinity : performance.now() + maxTimeMS;
  const documents = db.collection(collection);
  const options = { readPreference: 'primary', collation: { locale: 'simple' } } as const;
  const tryOn = (some: readonly Uint8Array[]) =>
    firstRefused(some, async (part) => {
      if (performance.now() > until) throw tookTooLong();
      await documents.countDocuments({ $and: [filter, amongIds(part)] }, options);
    });
  let some: Uint8Array[] = [];
  const cursor = documents.find({}, { projection: { _id: 1 }, readPreference: 'primary', raw: true }).sort({ _id: 1 });
  for await (const document of cursor) {
    some.push(bytesOf(document));
    if (some.length < batch) continue;
    const found = await tryOn(some);
    if (found) return found;
    some = [];
  }
  return tryOn(some);
}

function tookTooLong(): MongoServerError {
  return new MongoServerError({ code: maxTimeExpired, codeName: 'MaxTimeMSExpired', message: 'it took too long' });
}

/** Describes how a validator fails, in words that can follow "the validator". The server's message may quote values. */
export function describeFailure(error: MongoServerError): string {
  return `cannot be applied to every document: it fails with ${nameOfError(error)} (${error.message})`;
}
