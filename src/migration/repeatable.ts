import type { Document, Filter } from 'mongodb';
import type { BatchUpdate } from './types';

type Update = BatchUpdate['update'];

/** Operators that leave a document as it is when they are applied to it again. */
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

/** Whether an update, by its text alone, changes nothing in a document that it has updated before. */
export function isRepeatable(update: Update): boolean {
  return operatorsOf(update)?.every((operator) => repeatable.has(operator)) ?? false;
}

/** The operators of an update whose result depends on how often it runs; none of a pipeline, of which the text tells nothing. */
export function unrepeatableOperators(update: Update): string[] {
  return (operatorsOf(update) ?? []).filter((operator) => !repeatable.has(operator));
}

/** Undefined for a pipeline. */
function operatorsOf(update: Update): string[] | undefined {
  return isPipeline(update) ? undefined : Object.keys(update);
}

export function isPipeline(update: Update): update is readonly Document[] {
  return Array.isArray(update);
}

/**
 * What the documents match that have the update still before them. It is narrower than the filter where the update sets
 * constants and removes fields: what has them, or has them no more, is done, although the filter may match it for ever.
 */
export function leftToDo({ filter, update }: Pick<BatchUpdate, 'filter' | 'update'>): Filter<Document> {
  const undone = undoneBy(update);
  if (!undone) return filter;
  return Object.keys(filter).length === 0 ? { $or: undone } : { $and: [filter, { $or: undone }] };
}

/** Of each field, what a document matches to which the update has not come; undefined when that is not certain. */
function undoneBy(update: Update): Filter<Document>[] | undefined {
  if (isPipeline(update)) return undefined;
  const { $set = {}, $unset = {}, ...others } = update as Readonly<Record<string, Document>>;
  const set = Object.entries($set) as [string, unknown][];
  // What a path with a dot leads to, an array may hold several times.
  const isCertain = set.every(([field, value]) => /^[^.$]+$/.test(field) && value !== undefined);
  const fields = [...set, ...Object.keys($unset)];
  if (!isCertain || fields.length === 0 || Object.keys(others).length > 0) return undefined;
  return [
    ...set.map(([field, value]) => ({ $expr: differsFrom(field, value) })),
    ...Object.keys($unset).map((field) => ({ [field]: { $exists: true } })),
  ];
}

/** Numbers of two types compare as equal, and are not the same. */
function differsFrom(field: string, value: unknown): Document {
  const [found, wanted] = [`$${field}`, { $literal: value }];
  return { $or: [{ $ne: [found, wanted] }, { $ne: [{ $type: found }, { $type: wanted }] }] };
}
