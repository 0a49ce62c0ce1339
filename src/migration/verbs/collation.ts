import type { Document } from 'mongodb';
import { completeCollation, type CollationOwner, type PlainObject } from '../../schema';

/**
 * Options with their collation written out in full: the server fills in what one leaves out, with defaults that differ between
 * locales, so a short one would never equal what the server shows.
 */
export function withWholeCollation<T extends Document>(options: T, whose: CollationOwner): T {
  const { collation } = options as { readonly collation?: PlainObject };
  return collation === undefined ? options : { ...options, collation: completeCollation(collation, whose) };
}
