import type { Document } from 'mongodb';
import { deepFreeze } from './freeze';
import { toPlain } from './plain';
import type { Validator } from './schema';

/** A validator without the level and action that the server assumes. */
export function canonicalValidator(
  expression: Document,
  { validationLevel = 'strict', validationAction = 'error' }: { validationLevel?: unknown; validationAction?: unknown },
): Validator {
  return deepFreeze({
    validator: toPlain(expression),
    ...(validationLevel !== 'strict' && { validationLevel }),
    ...(validationAction !== 'error' && { validationAction }),
  } as Validator);
}
