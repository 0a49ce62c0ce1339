import { BSON, MongoServerError, type Db, type Document, type Filter } from 'mongodb';
import { maxTimeExpired, nameOfError } from '../database/server-errors';
import { documentKey } from '../schema';
import { bytesOf, exactField } from '../support/exact-bson';
import { isAboutDocument } from './refused-document';

const shown = 5;
/** So many documents are tried together while those are looked for that a validator cannot be applied to. */
const batch = 1_000;

export interface Violators {
  readonly count: number;
  /** The `_id`s of some of them, as text. */
  readonly ids: readonly string[];
  /**
   * The error that the validator ends with for a document, such as a division by zero: nobody could write that document. Then
   * it is the one that is named, and the others are not counted.
   */
  readonly failure?: MongoServerError;
}

export interface ViolatorsOptions {
  /** Bounds each query, in milliseconds, and the search for a document that the validator fails for. */
  readonly maxTimeMS?: number;
}

/** The documents that a validator would refuse. */
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
    // Counted first: a look at some of them could end before one for which the validator fails.
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

interface Failing {
  readonly id: string;
  readonly error: MongoServerError;
}

/** The first document for which a filter ends with an error; undefined when there is none any more. */
async function firstFailing(
  db: Db,
  collection: string,
  filter: Filter<Document>,
  maxTimeMS: number,
): Promise<Failing | undefined> {
  const until = maxTimeMS === 0 ? Infinity : performance.now() + maxTimeMS;
  const documents = db.collection(collection);
  const tryOn = async (some: readonly Uint8Array[]): Promise<Failing | undefined> => {
    if (performance.now() > until) throw tookTooLong();
    const ids = some.flatMap(idsOf);
    try {
      await documents.countDocuments(
        { $and: [filter, { _id: { $in: ids } } as Filter<Document>] },
        {
          readPreference: 'primary',
          collation: { locale: 'simple' },
        },
      );
      return undefined;
    } catch (error) {
      if (!isAboutDocument(error)) throw error;
      if (some.length === 1) return { id: idOf(some[0]), error };
    }
    const middle = Math.ceil(some.length / 2);
    return (await tryOn(some.slice(0, middle))) ?? tryOn(some.slice(middle));
  };
  let some: Uint8Array[] = [];
  const cursor = documents.find({}, { projection: { _id: 1 }, readPreference: 'primary', raw: true }).sort({ _id: 1 });
  for await (const document of cursor) {
    some.push(bytesOf(document));
    if (some.length < batch) continue;
    const found = await tryOn(some);
    if (found) return found;
    some = [];
  }
  return some.length === 0 ? undefined : tryOn(some);
}

/** None for one that cannot be sent as it is stored. */
function idsOf(raw: Uint8Array): readonly unknown[] {
  const id = exactField(raw, '_id');
  return id ? [id.value] : [];
}

function idOf(raw: Uint8Array | undefined): string {
  return raw ? documentKey(BSON.deserialize(raw)['_id']) : '';
}

function tookTooLong(): MongoServerError {
  return new MongoServerError({ code: maxTimeExpired, codeName: 'MaxTimeMSExpired', message: 'it took too long' });
}

/** What a validator fails with, in words that follow it. The server's message may quote values. */
export function describeFailure(error: MongoServerError): string {
  return `cannot be applied to every document: it ends with ${nameOfError(error)} (${error.message})`;
}
