import type { Document, Filter } from 'mongodb';
import { leftToDo } from '../repeatable';
import type { BatchUpdate, DataStep, Irreversible, LostValues } from '../types';
import { checkObject, isObject } from './arguments';
import { checkCollectionName } from './names';
import { SchemaError } from '../../support/schema-error';

export interface BackfillDefinition extends BatchUpdate {
  /** The backfill that undoes it, why there is none, or nothing: what it wrote then stays. With `once`, one has to be given. */
  readonly undo?: Pick<BatchUpdate, 'filter' | 'update'> | Irreversible;
}

/** Documents may come in behind the walk, with smaller `_id`s; so often it begins again. */
const mostPasses = 5;

/**
 * Updates many documents in batches, in the order of their `_id`s.
 *
 * A batch may run twice, so an update that changes a document again is refused before anything is written: its filter has to
 * leave out what is updated, or `once` has to be set. How far it came is kept in the database, so that a run that was
 * interrupted goes on from there.
 * @category Data
 * @example
 * backfill('products', {
 *   filter: { cents: { $exists: false } },
 *   update: [{ $set: { cents: { $multiply: ['$price', 100] } } }],
 *   undo: { filter: { cents: { $exists: true } }, update: { $unset: { cents: '' } } },
 * }),
 * @down Runs `undo`, in the same way. Without one, what it wrote stays.
 * @cost Reads every document that the filter matches, and writes it. Each batch waits for a majority of the members, so that
 *   secondaries keep up.
 * @throws error with code `MIGRATION` for a definition that cannot be carried out.
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
    // Of an update that leaves no trace, only its checkpoint can tell.
    isDone: async (db) =>
      !forward.once &&
      (await db.collection(collection).findOne(leftToDo(forward), { projection: { _id: 1 } })) === null,
    run: ({ updateInBatches }) => updateInBatches(collection, forward),
    undo: stepsBack
      ? ({ updateInBatches }) => updateInBatches(collection, stepsBack, 'undo')
      : (undo as Irreversible | undefined),
  };
}

/** Updates that a verb makes of what it is told, and that nobody wants to read. */
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

/** The names along the path of each field that an update gives a value, as far as it tells. */
function fieldsSetBy(update: BackfillDefinition['update']): string[][] {
  const stages = (Array.isArray(update) ? update : [update]) as readonly Document[];
  return stages.flatMap((stage) => {
    const { $set = {}, $addFields = {}, $setOnInsert = {}, $rename = {} } = stage as Record<string, Document>;
    const paths = [...Object.keys({ ...$set, ...$addFields, ...$setOnInsert }), ...Object.values($rename).map(String)];
    return paths.map((path) => path.split('.'));
  });
}

/**
 * The values that an update unsets, but for those that the migration itself has set: `own` are the expressions that they
 * were set to, by field.
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
 * What an update sets fields to, as expressions. Of a pipeline, only one stage can be told so, and no value that is computed
 * from the field itself: what it was before is not known any more.
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
    ...(isObject(filter) ? [] : ['`filter` is a filter of MongoDB, as an object; `{}` matches every document']),
    ...(isUpdate(update) ? [] : ['`update` has update operators such as $set, or is an array of stages']),
    ...(undo && !isIrreversible(undo) && !(isObject(undo.filter) && isUpdate(undo.update))
      ? ["`undo` is `{ filter, update }`, or `irreversible('why')`"]
      : []),
    ...(Number.isInteger(batchSize) && batchSize > 0 ? [] : ['`batchSize` is a whole number of documents from 1']),
    ...(Number.isFinite(pause) && pause >= 0 ? [] : ['`pause` is a number of milliseconds']),
    ...(once && !undo
      ? [
          "with `once`, `undo` has to be given: `{ filter, update }`, or `irreversible('why')`; else a second deploy after a rollback would update documents again",
        ]
      : []),
  ];
  if (wrong.length === 0) return;
  throw new SchemaError('MIGRATION', `The backfill of ${collection} cannot be carried out`, {
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
