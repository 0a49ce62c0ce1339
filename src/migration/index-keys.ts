import { MinKey, type Document, type Filter } from 'mongodb';
import { fromPlain, type Index } from '../schema';

/** What a field gives to the key of an index, as an expression: a missing field is indexed as null, and an empty array as a value of its own. */
export function keyOf(field: string): Document {
  return { $cond: [{ $eq: [`$${field}`, []] }, new MinKey(), { $ifNull: [`$${field}`, null] }] };
}

/** The documents that an index would hold. */
export function coveredBy(
  { sparse, partialFilterExpression }: Pick<Index, 'sparse' | 'partialFilterExpression'>,
  fields: readonly string[],
): Filter<Document> {
  if (partialFilterExpression) return fromPlain(partialFilterExpression);
  return sparse ? { $or: fields.map((field) => ({ [field]: { $exists: true } })) } : {};
}
