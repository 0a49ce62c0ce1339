import type { Document, Filter } from 'mongodb';
import type { BatchUpdate } from './types';

type Update = BatchUpdate['update'];

/** Operators that change nothing when they are applied a second time. */
const repeatable: ReadonlySet<string> = new Set([
  '$set',
  '$unset',
  '$min',
  '$max',
  '$addToSet',
  '$pull',
  '$pullAll',
  '$rename',
  '$setOnInsert',
]);

/** Returns whether the text of an update shows that a second run changes nothing. */
export function isRepeatable(update: Update): boolean {
  return operatorsOf(update)?.every((operator) => repeatable.has(operator)) ?? false;
}

/** Returns the operators of an update whose result depends on how often it runs; none for a pipeline, whose text does not show that. */
export function unrepeatableOperators(update: Update): string[] {
  return (operatorsOf(update) ?? []).filter((operator) => !repeatable.has(operator));
}

/** Returns the operators of an update; undefined for a pipeline. */
function operatorsOf(update: Update): string[] | undefined {
  return isPipeline(update) ? undefined : Object.keys(update);
}

export function isPipeline(update: Update): update is readonly Document[] {
  return Array.isArray(update);
}

/**
 * Returns a filter for the documents that are not updated yet. This filter is narrower than the update's own filter when the update
 * only sets constants and removes fields. Documents that already have the result are done, even if the filter still matches them.
 */
export function leftToDo({ filter, update }: Pick<BatchUpdate, 'filter' | 'update'>): Filter<Document> {
  const undone = undoneBy(update);
  if (!undone) return filter;
  return Object.keys(filter).length === 0 ? { $or: undone } : { $and: [filter, { $or: undone }] };
}

/** Returns one condition per field that matches documents without the update; undefined when that is not certain. */
function undoneBy(update: Update): Filter<Document>[] | undefined {
  if (isPipeline(update)) return undefined;
  const { $set = {}, $unset = {}, ...others } = update as Readonly<Record<string, Document>>;
  const set = Object.entries($set) as [string, unknown][];
  // A path with a dot may lead into an array, and so to several values.
  const isCertain = set.every(([field, value]) => /^[^.$]+$/.test(field) && value !== undefined);
  const fields = [...set, ...Object.keys($unset)];
  if (!isCertain || fields.length === 0 || Object.keys(others).length > 0) return undefined;
  return [
    ...set.map(([field, value]) => ({ $expr: differsFrom(field, value) })),
    ...Object.keys($unset).map((field) => ({ [field]: { $exists: true } })),
  ];
}

/** Matches documents in which the field has another value. Compares types as well, since numbers of two types compare as equal. */
function differsFrom(field: string, value: unknown): Document {
  const [found, wanted] = [`$${field}`, { $literal: value }];
  return { $or: [{ $ne: [found, wanted] }, { $ne: [{ $type: found }, { $type: wanted }] }] };
}
