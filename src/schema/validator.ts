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

/** The level of a validator: which documents it looks at. */
export function levelOf({ validationLevel }: Validator): string {
  return validationLevel ?? 'strict';
}

/** The action of a validator: what it does about a document that does not pass. */
export function actionOf({ validationAction }: Validator): string {
  return validationAction ?? 'error';
}
