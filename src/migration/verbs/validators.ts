import type { Document } from 'mongodb';
import { canonicalValidator, change } from '../../schema';
import type { SchemaStep } from '../types';
import { checkCollectionName } from './names';
import { checkJsonSchema } from './validator-checks';

export interface ValidationOptions {
  /** Which documents are checked. `strict`, every one, unless given. */
  readonly validationLevel?: 'strict' | 'moderate' | 'off';
  /** What happens to a document that is refused. `error` unless given. */
  readonly validationAction?: 'error' | 'warn';
}

/** A validator as a changing verb takes it. */
export interface ValidatorDefinition extends ValidationOptions {
  readonly validator: Document;
}

/**
 * Gives a collection that has none a validator: `addValidator('users', { $jsonSchema: { … } })`. Documents that are
 * there already are checked when they are next written. Going down takes it away.
 * @throws Error for keywords that MongoDB's $jsonSchema does not know.
 */
export function addValidator(collection: string, validator: Document, options: ValidationOptions = {}): SchemaStep {
  return {
    describe: [`validate the documents of ${collection}`],
    changes: [change([collection, 'validator'], undefined, validatorOf(collection, { validator, ...options }))],
  };
}

/** Replaces a collection's validator; both sides are written out, so that the change can be undone. */
export function changeValidator(
  collection: string,
  { from, to }: { from: ValidatorDefinition; to: ValidatorDefinition },
): SchemaStep {
  return {
    describe: [`change the validator of ${collection}`],
    changes: [change([collection, 'validator'], validatorOf(collection, from), validatorOf(collection, to))],
  };
}

/** Takes a collection's validator away; it is written out as it was, so that going down can put it back. */
export function removeValidator(collection: string, from: ValidatorDefinition): SchemaStep {
  return {
    describe: [`stop validating the documents of ${collection}`],
    changes: [change([collection, 'validator'], validatorOf(collection, from), undefined)],
  };
}

function validatorOf(collection: string, { validator, ...options }: ValidatorDefinition) {
  checkCollectionName(collection);
  if (Object.keys(validator).length === 0) throw new Error(`The validator of ${collection} is empty.`);
  checkJsonSchema(collection, validator);
  return canonicalValidator(validator, options);
}
