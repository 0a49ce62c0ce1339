import { DBRef } from 'mongodb';
import { z } from 'zod';

/**
 * A document that may have more fields than the model, as in the validators: an application may write a new field before
 * its migration. The type excludes unnamed fields, so that a misspelt field is still a compile error.
 */
export function openDocument<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/** A document inside a document. zod alone would read a Date or an ObjectId as an object without fields. */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return anyObject.pipe(openDocument(shape));
}

/** A document without a model. The driver reads one with `$ref` and `$id` as a DBRef. */
export const anyObject = z.preprocess(
  (value) => (value instanceof DBRef ? { ...value.toJSON() } : value),
  z.record(z.string(), z.unknown()),
);
