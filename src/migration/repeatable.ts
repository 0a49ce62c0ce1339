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

/** Returns whether the operators of an update show that a second run changes nothing. */
export function isRepeatable(update: Update): boolean {
  return operatorsOf(update)?.every((operator) => repeatable.has(operator)) ?? false;
}

/** Returns the operators whose result depends on how often the update runs; none for a pipeline, whose stages do not show that. */
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
 * Returns a filter for the documents that are not updated yet. If the update only sets constants and removes fields, this filter leaves
 * out documents that already have the result, even if the update's own filter still matches them.
 */
export function leftToDo({ filter, update }: Pick<BatchUpdate, 'filter' | 'update'>): Filter<Document> {
  const undone = undoneBy(update);
  if (!undone) return filter;
  return Object.keys(filter).length === 0 ? { $or: undone } : { $and: [filter, { $or: undone }] };
}

/** Returns one condition for each field, which matches documents without the update. Undefined when the update does not show this. */
function undoneBy(update: Update): Filter<Document>[] | undefined {
  if (isPipeline(update)) return undefined;
  const { $set = {}, $unset = {}, ...others } = update as Readonly<Record<string, Document>>;
  const set = Object.entries($set) as [string, unknown][];
  // A path with a dot may lead into an array, and would then stand for several values.
  const isCertain = set.every(([field, value]) => /^[^.$]+$/.test(field) && value !== undefined);
  const fields = [...set, ...Object.keys($unset)];
  if (!isCertain || fields.length === 0 || Object.keys(others).length > 0) return undefined;
  return [
    ...set.map(([field, value]) => ({ $expr: differsFrom(field, value) })),
    ...Object.keys($unset).map((field) => ({ [field]: { $exists: true } })),
  ];
}

/** Matches documents in which the field has another value. Also compares the types, because numbers of two types can be equal. */
function differsFrom(field: string, value: unknown): Document {
  const [found, wanted] = [`$${field}`, { $literal: value }];
  return { $or: [{ $ne: [found, wanted] }, { $ne: [{ $type: found }, { $type: wanted }] }] };
}
