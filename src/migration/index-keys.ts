import { MinKey, type Document, type Filter } from 'mongodb';
import { fromPlain, type Index } from '../schema';

/** Returns an expression for the index key of a field. An index treats a missing field as null, and an empty array as a separate value. */
export function keyOf(field: string): Document {
  return { $cond: [{ $eq: [`$${field}`, []] }, new MinKey(), { $ifNull: [`$${field}`, null] }] };
}

/** Returns a filter for the documents that an index contains. */
export function coveredBy(
  { sparse, partialFilterExpression }: Pick<Index, 'sparse' | 'partialFilterExpression'>,
  fields: readonly string[],
): Filter<Document> {
  if (partialFilterExpression) return fromPlain(partialFilterExpression);
  return sparse ? { $or: fields.map((field) => ({ [field]: { $exists: true } })) } : {};
}
