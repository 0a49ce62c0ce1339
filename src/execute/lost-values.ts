import type { Db } from 'mongodb';
import type { LostValues } from '../migration/types';
import { documents } from '../support/counts';
import type { Measured } from './kinds/execution';

/** Counts the documents that lose a value. `maxTimeMS` limits the query; 0 means no limit. */
export async function measureValues(
  db: Db,
  { collection, fields, filter, removes }: LostValues,
  maxTimeMS: number,
): Promise<Measured | undefined> {
  if (removes) {
    const count = await removes(db, maxTimeMS);
    return count === 0 ? undefined : { count, message: `${documents(count)} would be removed` };
  }
  const options = { maxTimeMS, readPreference: 'primary' } as const;
  const count = await db.collection(collection).countDocuments(filter, options);
  if (count === 0) return undefined;
  const values = fields.length === 1 ? `the value of ${fields.join()}` : `values of ${fields.join(', ')}`;
  return { count, message: `${documents(count)} would lose ${values}` };
}
