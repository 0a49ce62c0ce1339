import type { Document } from 'mongodb';
import { completeCollation, type CollationOwner, type PlainObject } from '../../schema';

/**
 * Returns options with a complete collation. The server adds missing values, with defaults that depend on the
 * locale, so an incomplete collation would never equal the collation that the server reports.
 */
export function withWholeCollation<T extends Document>(options: T, whose: CollationOwner): T {
  const { collation } = options as { readonly collation?: PlainObject };
  return collation === undefined ? options : { ...options, collation: completeCollation(collation, whose) };
}
