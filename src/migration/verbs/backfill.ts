import type { Document, Filter } from 'mongodb';
import { leftToDo } from '../repeatable';
import type { BatchUpdate, DataStep, Irreversible, LostValues } from '../types';
import { checkObject, isObject } from './arguments';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

export interface BackfillDefinition extends BatchUpdate {
  /**
   * The update that undoes the backfill, or the reason why no such update exists. Without `undo`, the written values remain. With `once`,
   * `undo` is required.
   */
  readonly undo?: Pick<BatchUpdate, 'filter' | 'update'> | Irreversible;
}

/** The maximum number of walks. The walk is repeated, because it misses new documents whose `_id`s are smaller than its position. */
const mostPasses = 5;

/**
 * Updates many documents in batches, in the order of their `_id`s.
 *
 * A batch may run twice. So if a second run of the update would change the same document again, the step is refused before anything is
 * written. Write a filter that excludes updated documents, or set `once`. The progress is stored in the database, so that an
 * interrupted run can continue.
 * @category Data
 * @example
 * backfill('products', {
 *   filter: { cents: { $exists: false } },
 *   update: [{ $set: { cents: { $multiply: ['$price', 100] } } }],
 *   undo: { filter: { cents: { $exists: true } }, update: { $unset: { cents: '' } } },
 * }),
 * @down Runs `undo`, in the same way. Without `undo`, the written values remain.
 * @cost Reads and writes every document that the filter matches. Each batch waits for a majority of the members, so that
 *   secondaries keep up.
 * @throws error with code `MIGRATION` for an invalid definition.
 */
export function backfill(collection: string, definition: BackfillDefinition): DataStep {
  checkCollectionName(collection, 'backfill');
  checkObject('backfill', 'second argument', definition, 'an object: { filter, update }');
  const { undo, ...forward } = definition;
  checkBatches(collection, definition);
  const stepsBack = undo && 'filter' in undo ? { ...forward, ...undo } : undefined;
  return {
    describe: [`backfill ${collection}`],
    changes: [],
    writes: [collection],
    passes: mostPasses,
    unsets: fieldsUnsetBy(forward.update),
    sets: fieldsSetBy(forward.update),
    loses: {
      up: valuesLostBy(collection, forward),
      down: stepsBack && valuesLostBy(collection, stepsBack, valuesSetBy(forward.update)),
    },
    updates: { up: { collection, ...forward }, down: stepsBack && { collection, ...stepsBack } },
    // If updated documents cannot be recognized, only the checkpoint shows whether the step is done.
    isDone: async (db) =>
      !forward.once &&
      (await db.collection(collection).findOne(leftToDo(forward), { projection: { _id: 1 } })) === null,
    run: ({ updateInBatches }) => updateInBatches(collection, forward),
    undo: stepsBack
      ? ({ updateInBatches }) => updateInBatches(collection, stepsBack, 'undo')
      : (undo as Irreversible | undefined),
  };
}

/** Marks updates that a verb generated. Such updates need not be shown. */
export function generated({ up, down }: NonNullable<DataStep['updates']> = {}): NonNullable<DataStep['updates']> {
  return { up: up && { ...up, isGenerated: true }, down: down && { ...down, isGenerated: true } };
}

function fieldsUnsetBy(update: BackfillDefinition['update']): string[] {
  const stages = (Array.isArray(update) ? update : [update]) as readonly Document[];
  return stages.flatMap((stage) => {
    const fields: unknown = stage['$unset'] ?? {};
    if (typeof fields === 'string') return [fields];
    return Array.isArray(fields) ? fields.map(String) : Object.keys(fields as object);
  });
}

/** Returns each field that an update sets, as a list of the names on its path, as far as known. */
function fieldsSetBy(update: BackfillDefinition['update']): string[][] {
  const stages = (Array.isArray(update) ? update : [update]) as readonly Document[];
  return stages.flatMap((stage) => {
    const { $set = {}, $addFields = {}, $setOnInsert = {}, $rename = {} } = stage as Record<string, Document>;
    const paths = [...Object.keys({ ...$set, ...$addFields, ...$setOnInsert }), ...Object.values($rename).map(String)];
    return paths.map((path) => path.split('.'));
  });
}

/**
 * Returns the values that an update removes, except those that the migration itself has set. `own` contains the expressions for these
 * values, by field.
 */
function valuesLostBy(
  collection: string,
  { filter, update }: Pick<BackfillDefinition, 'filter' | 'update'>,
  own: ReadonlyMap<string, unknown> = new Map(),
): LostValues | undefined {
  const fields = fieldsUnsetBy(update);
  if (fields.length === 0) return undefined;
  const losing = fields.map((field): Filter<Document> => {
    const hasValue = { [field]: { $exists: true } };
    return own.has(field) ? { $and: [hasValue, { $expr: { $ne: [`$${field}`, own.get(field)] } }] } : hasValue;
  });
  return { collection, fields, filter: { $and: [filter, { $or: losing }] } };
}

/**
 * Returns, by field, the expressions of the values that an update sets. For a pipeline, they are known only if it has a single stage. A
 * value that is computed from the field itself is left out, because the old value of the field is unknown.
 */
function valuesSetBy(update: BackfillDefinition['update']): ReadonlyMap<string, unknown> {
  if (!Array.isArray(update)) {
    const { $set = {} } = update as { readonly $set?: Document };
    return new Map(Object.entries($set).map(([field, value]) => [field, { $literal: value as unknown }]));
  }
  const [stage, ...others] = update as readonly Document[];
  if (!stage || others.length > 0) return new Map();
  const set = (stage['$set'] ?? stage['$addFields'] ?? {}) as Document;
  return new Map(
    Object.entries(set).filter(([field, value]) => !JSON.stringify(value).includes(`$${field.split('.')[0] ?? ''}`)),
  );
}

function checkBatches(
  collection: string,
  { filter, update, batchSize = 1, pause = 0, once, undo }: BackfillDefinition,
): void {
  const wrong = [
    ...(isObject(filter) ? [] : ['`filter` must be a MongoDB filter object; `{}` matches every document']),
    ...(isUpdate(update) ? [] : ['`update` must have update operators such as $set, or be an array of stages']),
    ...(undo && !isIrreversible(undo) && !(isObject(undo.filter) && isUpdate(undo.update))
      ? ["`undo` must be `{ filter, update }`, or `irreversible('why')`"]
      : []),
    ...(Number.isInteger(batchSize) && batchSize > 0
      ? []
      : ['`batchSize` must be a whole number of documents, at least 1']),
    ...(Number.isFinite(pause) && pause >= 0 ? [] : ['`pause` must be a number of milliseconds']),
    ...(once && !undo
      ? [
          "`once` needs an `undo`: `{ filter, update }`, or `irreversible('why')`; otherwise a deploy after a rollback would update documents again",
        ]
      : []),
  ];
  if (wrong.length === 0) return;
  throw new SchemaError('MIGRATION', `The backfill of ${collection} has an invalid definition`, {
    why: wrong,
    fix: 'correct its definition',
  });
}

function isIrreversible(undo: NonNullable<BackfillDefinition['undo']>): undo is Irreversible {
  return 'irreversible' in undo;
}

function isUpdate(update: unknown): boolean {
  if (Array.isArray(update)) return update.length > 0 && update.every(isObject);
  return (
    isObject(update) && Object.keys(update).length > 0 && Object.keys(update).every((name) => name.startsWith('$'))
  );
}
