import type { Db } from 'mongodb';
import { documentKey, fromPlain, kindOfKey, type Index } from '../../schema';
import { coveredBy } from '../../migration/index-keys';
import { collationOf, duplicatesOf } from '../duplicates';
import { unindexableBy } from '../unindexable';
import { SchemaError } from '../../support/schema-error';
import type { Session } from '../session';
import { listCollections } from '../../database';
import { documents } from '../../support/counts';
import { are, type Look } from './execution';

export function indexBuild(collection: string): Look {
  return {
    kind: 'index build',
    blocks: false,
    measure: async (db) => {
      const count = await db.collection(collection).estimatedDocumentCount();
      return count === 0 ? undefined : { count, message: `the build scans ${documents(count)}` };
    },
  };
}

/** Reports that a text index is dropped or hidden: searches on the collection then fail. */
export function searchStops(until = 'from then on'): Look {
  const message = `every $text query on the collection fails ${until}`;
  return { kind: 'queries that fail', blocks: false, measure: () => Promise.resolve({ message }) };
}

export function duplicates(collection: string, index: Index): Look {
  return {
    kind: 'duplicates',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      const kind = kindOfKey(index.key);
      if (kind !== 'plain') return { message: `not determined: only the server knows the keys of a ${kind} index` };
      const { keys, samples } = await duplicatesOf(db, collection, index, maxTimeMS);
      if (keys === 0) return undefined;
      const fields = Object.keys(index.key).join(', ');
      return {
        count: keys,
        samples,
        message: `${keys} ${keys === 1 ? 'value' : 'values'} of ${fields} ${keys === 1 ? 'occurs' : 'occur'} more than once`,
      };
    },
  };
}

/** Finds the documents that the server refuses to index because of their own values. Each such document makes the build fail. */
export function unindexable(collection: string, index: Index): Look[] {
  return unindexableBy(index).map(({ filter, stages, why, isUnsure = false }): Look => ({
    kind: 'documents in the way',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      const pipeline = [
        { $match: { $and: [coveredBy(index, Object.keys(index.key)), filter] } },
        ...stages,
        { $facet: { all: [{ $count: 'count' }], some: [{ $limit: 5 }, { $project: { _id: 1 } }] } },
      ];
      const options = { maxTimeMS, collation: collationOf(index), readPreference: 'primary' } as const;
      const [found] = await db.collection(collection).aggregate<FoundInTheWay>(pipeline, options).toArray();
      const count = found?.all[0]?.count ?? 0;
      if (count === 0) return undefined;
      const samples = (found?.some ?? []).map(({ _id }) => documentKey(_id));
      return isUnsure
        ? { samples, message: `not determined: whether ${documents(count)} can be indexed, because ${why}` }
        : { count, samples, message: `${documents(count)} cannot be indexed: ${why}` };
    },
  }));
}

interface FoundInTheWay {
  readonly all: readonly { readonly count: number }[];
  readonly some: readonly { readonly _id: unknown }[];
}

/**
 * Finds the documents that the server would delete once an index has this TTL. The server deletes a document if the index contains it, and
 * any date in the field is old enough (the field may hold an array of dates). So the query contains the partial filter of the index, and
 * uses the collation of the index.
 */
export function expired(collection: string, { key, partialFilterExpression, collation }: Index, seconds: number): Look {
  return {
    kind: 'expired documents',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      // Keys of other kinds (hashed, 2dsphere) hold no dates, so a TTL on them deletes nothing.
      const [field, direction] = Object.entries(key)[0] ?? [];
      if (field === undefined || typeof direction === 'string') return undefined;
      const now = await serverTime(db, collection, maxTimeMS);
      if (now === undefined) return undefined;
      const oldest = new Date(now.getTime() - seconds * 1000);
      const options = {
        maxTimeMS,
        readPreference: 'primary',
        collation: collationOf({ collation }),
      } as const;
      const covered = partialFilterExpression ? [fromPlain(partialFilterExpression)] : [];
      const filter = { $and: [{ [field]: { $lte: oldest } }, ...covered] };
      const count = await db.collection(collection).countDocuments(filter, options);
      // The server refuses a TTL on a capped collection, so nothing is deleted.
      if (count === 0 || (await isCapped(db, collection))) return undefined;
      return {
        count,
        message: `${documents(count)} ${are(count)} older than the TTL, and would be deleted within minutes`,
      };
    },
  };
}

/** A new TTL: the index, and the number of seconds. */
export interface Expiring {
  readonly name: string;
  readonly index: Index;
  readonly seconds: number;
}

/**
 * Counts the expired documents again, right before the command, with the present time of the server's clock.
 * @throws error with code `DATA_LOSS` when documents have expired and the run is not allowed to delete documents.
 */
export async function refuseExpiringNow(
  { db, allowDataLoss }: Session,
  collection: string,
  expiring: readonly Expiring[],
): Promise<void> {
  if (allowDataLoss || expiring.length === 0) return;
  const losses: string[] = [];
  for (const { name, index, seconds } of expiring) {
    const found = await expired(collection, index, seconds).measure(db, 0);
    if (found) losses.push(`index ${collection}.${name}: ${found.message}`);
  }
  if (losses.length > 0) throw deletionError(losses);
}

export function deletionError(losses: readonly string[]): SchemaError {
  return new SchemaError('DATA_LOSS', 'A change would make the server delete documents, so it was not made', {
    why: losses,
  });
}

/**
 * Returns the time of the primary, because the clock of the primary decides which documents are deleted. Undefined when the collection is
 * empty.
 */
async function serverTime(db: Db, collection: string, maxTimeMS: number): Promise<Date | undefined> {
  const pipeline = [{ $limit: 1 }, { $project: { _id: 0, now: '$$NOW' } }];
  const options = { maxTimeMS, readPreference: 'primary' } as const;
  const [found] = await db.collection(collection).aggregate<{ readonly now: Date }>(pipeline, options).toArray();
  return found?.now;
}

async function isCapped(db: Db, name: string): Promise<boolean> {
  const [found] = await listCollections(db, [name]);
  return found?.options?.capped === true;
}
