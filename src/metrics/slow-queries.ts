import type { Db } from 'mongodb';
import { newestShapes } from '../queries';
import type { Emit } from './families';

/** The maximum number of shapes. Each shape is a time series in Prometheus, and applications may send any number of shapes. */
const mostShapes = 10;
/** The maximum length of a shape. The rest is cut off. */
const longest = 200;

/** Emits the shapes of slow queries that took the most time, from the newest entries of the profile. The shapes contain no values. */
export async function emitSlowQueries(db: Db, maxTimeMS: number, emit: Emit): Promise<void> {
  const seen = new Set<string>();
  for (const { collection, text, count, milliseconds } of await newestShapes(db, { top: mostShapes, maxTimeMS })) {
    const shape = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
    // Two long shapes may differ only in the part that is cut off.
    const key = JSON.stringify([collection, shape]);
    if (seen.has(key)) continue;
    seen.add(key);
    emit('schema_slow_queries', count, { collection, shape });
    emit('schema_slow_query_seconds', milliseconds.total / 1000, { collection, shape });
  }
}
