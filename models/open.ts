import { DBRef } from 'mongodb';
import { z } from 'zod';

/**
 * A document that may hold more fields than we name, as in the validators: an application may write a new one before
 * its migration comes. The type leaves the unnamed ones out, so that a misspelt field is still an error to the compiler.
 */
export function openDocument<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** A document within a document. zod alone would read a Date or an ObjectId as an object without fields. */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return anyObject.pipe(openDocument(shape));
}

/** A document of which the product knows nothing. The driver reads one that has `$ref` and `$id` as a DBRef. */
export const anyObject = z.preprocess(
  (value) => (value instanceof DBRef ? { ...value.toJSON() } : value),
  z.record(z.string(), z.unknown()),
);
