import { BSON, type Document } from 'mongodb';
import { fromPlain } from './plain';
import type { PlainObject } from './schema';

const { EJSON } = BSON;
const marker = 'closed for a drop; before: ';

/** The validation of a collection, in MongoDB's own names. */
export interface Validation {
  readonly validator: Document;
  readonly validationLevel: string;
  readonly validationAction: string;
}

/** A validator that accepts nothing and remembers what stood there before, so that any later run can put it back. */
export function encodeClosed(before: Validation): Validation {
  return {
    validator: { $nor: [{}], $comment: marker + EJSON.stringify(before, { relaxed: false }) },
    validationLevel: 'strict',
    validationAction: 'error',
  };
}

/** The validation that {@link encodeClosed} replaced; undefined where the collection is not closed. */
export function decodeClosed(options: Document): Validation | undefined {
  const comment = (options['validator'] as Document | undefined)?.['$comment'] as unknown;
  if (typeof comment !== 'string' || !comment.startsWith(marker)) return undefined;
  const before = JSON.parse(comment.slice(marker.length)) as PlainObject;
  return fromPlain(before, { relaxed: false }) as Validation;
}

/** A collection's validation as its options tell it, with the server's defaults where nothing is told. */
export function validationOf({ validator, validationLevel, validationAction }: Document): Validation {
  return {
    validator: (validator as Document | undefined) ?? {},
    validationLevel: (validationLevel as string | undefined) ?? 'strict',
    validationAction: (validationAction as string | undefined) ?? 'error',
  };
}
