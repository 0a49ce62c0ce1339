import type { Db } from 'mongodb';
import { timeSeriesOf, type CollectionOptions } from '../../schema';
import { documents } from '../../support/counts';
import type { Look, Measured } from './execution';
import { expired } from './index-looks';

/** Returns the checks for documents that new options would delete: documents beyond a smaller limit, and documents that expire sooner. */
export function optionLooks(collection: string, from: CollectionOptions, to: CollectionOptions): Look[] {
  const [seconds, before] = [to, from].map(({ expireAfterSeconds }) => expireAfterSeconds);
  const isSooner = typeof seconds === 'number' && (typeof before !== 'number' || seconds < before);
  const isSmaller = (['size', 'max'] as const).some((limit) => numberIn(to, limit) < numberIn(from, limit));
  return [
    ...(isSooner ? [expired(collection, { key: { [timeSeriesOf(to)?.timeField ?? '_id']: 1 } }, seconds)] : []),
    ...(isSmaller ? [beyondLimits(collection, numberIn(to, 'size'), numberIn(to, 'max'))] : []),
  ];
}

function numberIn(options: CollectionOptions, limit: string): number {
  const { [limit]: value } = options;
  return typeof value === 'number' ? value : Infinity;
}

/**
 * Finds documents beyond the new limits of a capped collection. The server deletes the oldest documents at the next insert, not
 * immediately.
 */
function beyondLimits(collection: string, size: number, max: number): Look {
  return {
    kind: 'documents to lose',
    blocks: true,
    measure: async (db, maxTimeMS): Promise<Measured | undefined> => {
      const there = await sizeOf(db, collection, maxTimeMS);
      const bySize = there.bytes > size ? Math.ceil(there.count * (1 - size / there.bytes)) : 0;
      const count = Math.max(bySize, there.count - max, 0);
      if (count === 0) return undefined;
      const about = count === bySize ? 'about ' : '';
      return {
        count,
        message: `the next insert would delete the oldest documents, ${about}${count} of ${documents(there.count)}`,
      };
    },
  };
}

async function sizeOf(db: Db, collection: string, maxTimeMS: number) {
  const pipeline = [{ $group: { _id: null, count: { $sum: 1 }, bytes: { $sum: { $bsonSize: '$$ROOT' } } } }];
  const options = { maxTimeMS, readPreference: 'primary' } as const;
  const [found] = await db
    .collection(collection)
    .aggregate<{ readonly count: number; readonly bytes: number }>(pipeline, options)
    .toArray();
  return found ?? { count: 0, bytes: 0 };
}
