import { deepFreeze } from './freeze';
import type { PlainObject, Validator } from './schema';

/** Returns a validator without the server's default level and action. */
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

/** Returns the level of a validator: which documents it checks. */
export function levelOf({ validationLevel }: Validator): string {
  return validationLevel ?? 'strict';
}

/** Returns the action of a validator: what the server does about an invalid document. */
export function actionOf({ validationAction }: Validator): string {
  return validationAction ?? 'error';
}
