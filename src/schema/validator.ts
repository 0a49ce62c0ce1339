import { deepFreeze } from './freeze';
import type { PlainObject, Validator } from './schema';

/** A validator without the level and action that the server assumes. */
export function canonicalValidator(
  expression: PlainObject,
  { validationLevel = 'strict', validationAction = 'error' }: { validationLevel?: unknown; validationAction?: unknown },
): Validator {
  return deepFreeze({
    validator: expression,
    ...(validationLevel !== 'strict' && { validationLevel }),
    ...(validationAction !== 'error' && { validationAction }),
  } as Validator);
}
