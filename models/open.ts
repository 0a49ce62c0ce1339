import { DBRef } from 'mongodb';
import { z } from 'zod';

/**
 * A document that may have more fields than the model defines, as in the validators: an application may write a new field before
 * its migration is applied. The type contains only the defined fields, so that a misspelled field is still a compiler error.
 */
export function openDocument<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** A document inside a document. Without this check, zod would accept a Date or an ObjectId as an object without fields. */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return anyObject.pipe(openDocument(shape));
}

/** A document with unknown fields. If it has `$ref` and `$id`, the driver reads it as a DBRef. */
export const anyObject = z.preprocess(
  (value) => (value instanceof DBRef ? { ...value.toJSON() } : value),
  z.record(z.string(), z.unknown()),
);
