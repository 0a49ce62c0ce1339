import type { Db } from 'mongodb';
import { SchemaError } from '../support/schema-error';
import type { DataStep, Direction, Obstacle } from '../migration/types';

/**
 * Counts and describes the documents that are in the way of a data step; undefined when there are none. `maxTimeMS` limits the query; 0
 * means no limit.
 */
export async function measureObstacle(
  db: Db,
  { collection, filter, why }: Obstacle,
  maxTimeMS = 0,
): Promise<{ readonly count: number; readonly message: string } | undefined> {
  const count = await db.collection(collection).countDocuments(filter, { readPreference: 'primary', maxTimeMS });
  return count === 0
    ? undefined
    : { count, message: `${count} ${count === 1 ? 'document has' : 'documents have'} ${why}` };
}

/** @throws error with code `PREFLIGHT` that gives the number of documents in the way of the data step, when there are any. */
export async function refuseObstacles(db: Db, { obstacles }: DataStep, direction: Direction): Promise<void> {
  if (!obstacles) return;
  const why: string[] = [];
  for (const obstacle of obstacles[direction] ?? []) {
    const found = await measureObstacle(db, obstacle);
    if (found) why.push(`${obstacle.collection}: ${found.message}`);
  }
  if (why.length > 0) throw new SchemaError('PREFLIGHT', obstacles.summary, { why, fix: obstacles.fix });
}
