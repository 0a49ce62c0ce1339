import type { Document, Filter, UpdateFilter } from 'mongodb';
import { updateInBatches } from '../batches';
import { irreversible, type DataStep, type Irreversible } from '../types';
import { checkCollectionName } from './names';

export interface BackfillDefinition {
  /** What to update. A document that was updated must no longer match, or a second run would update it again. */
  readonly filter: Filter<Document>;
  readonly update: UpdateFilter<Document> | readonly Document[];
  /** Documents of the collection that one update goes over; 10,000 unless given. */
  readonly batchSize?: number;
  /** Milliseconds to rest after each batch. */
  readonly pause?: number;
  /** The backfill that undoes it, why there is none, or nothing: what it wrote then stays. */
  readonly undo?: Pick<BackfillDefinition, 'filter' | 'update'> | Irreversible;
}

/** Documents may come in behind the walk, with smaller `_id`s; so often it begins again. */
const mostPasses = 5;

/** Updates whose result depends on how often they run. */
const unrepeatable = ['$inc', '$mul', '$push', '$pop', '$bit'];

/**
 * Updates many documents in batches, in the order of their `_id`s. Each batch waits for a majority of the members, so that
 * secondaries keep up; how far it came is kept in the database, so that a run that was interrupted goes on from there.
 * @throws Error for an update that must not run twice.
 */
export function backfill(collection: string, definition: BackfillDefinition): DataStep {
  checkCollectionName(collection);
  const { undo, ...forward } = definition;
  checkUpdate(collection, forward.update);
  const stepsBack = undo && 'filter' in undo ? { ...forward, ...undo } : undefined;
  if (stepsBack) checkUpdate(collection, stepsBack.update);
  return {
    describe: [`backfill ${collection}`],
    changes: [],
    writes: [collection],
    passes: mostPasses,
    unsets: fieldsUnsetBy(forward.update),
    isDone: async (db) =>
      (await db.collection(collection).findOne(forward.filter, { projection: { _id: 1 } })) === null,
    run: (context) => updateInBatches(context, collection, forward),
    undo: stepsBack
      ? (context) => updateInBatches({ ...context, checkpoint: `${context.checkpoint} undo` }, collection, stepsBack)
      : (undo as Irreversible | undefined),
  };
}

/**
 * Removes a field from every document of a collection, in batches. It cannot come back.
 * @throws Error when no reason is given.
 */
export function dropField(collection: string, field: string, { reason }: { reason: string }): DataStep {
  if (reason.trim() === '') throw new Error(`Say why ${field} of ${collection} is dropped: { reason: '…' }.`);
  const step = backfill(collection, {
    filter: { [field]: { $exists: true } },
    update: { $unset: { [field]: '' } },
    undo: irreversible(`the values of ${field} in ${collection} are gone (${reason})`),
  });
  return { ...step, describe: [`drop the field ${field} of ${collection}: ${reason}`], reason };
}

function fieldsUnsetBy(update: BackfillDefinition['update']): string[] {
  const stages = (Array.isArray(update) ? update : [update]) as readonly Document[];
  return stages.flatMap((stage) => {
    const fields: unknown = stage['$unset'] ?? {};
    if (typeof fields === 'string') return [fields];
    return Array.isArray(fields) ? fields.map(String) : Object.keys(fields as object);
  });
}

function checkUpdate(collection: string, update: BackfillDefinition['update']): void {
  const found = Array.isArray(update) ? undefined : unrepeatable.find((operator) => operator in update);
  if (found === undefined) return;
  throw new Error(
    `The backfill of ${collection} uses ${found}, which does something else when it runs twice, and a batch may. ` +
      'Use $set, with an update pipeline where the new value depends on the old one.',
  );
}
