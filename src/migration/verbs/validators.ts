import type { Document } from 'mongodb';
import {
  ambiguityProblems,
  canonicalValidator,
  change,
  encrypts,
  filterProblems,
  relaxed,
  toPlain,
  type PlainObject,
} from '../../schema';
import type { SchemaStep } from '../types';
import { checkNames, checkObject, withoutUndefined } from './arguments';
import { checkCollectionName } from './names';
import { didYouMean } from '../../support/nearest';
import { SchemaError } from '../../support/schema-error';

export interface ValidationOptions {
  /** Which documents are checked. The default is `strict`: all of them. */
  readonly validationLevel?: 'strict' | 'moderate' | 'off';
  /** What happens to an invalid document. The default is `error`. */
  readonly validationAction?: 'error' | 'warn';
}

/** A validator, as an argument of a verb that changes or removes a validator. */
export interface ValidatorDefinition extends ValidationOptions {
  /** The condition for documents: `$jsonSchema`, or a filter. */
  readonly validator: Document;
}

/**
 * Adds a validator to a collection that has no validator. Existing documents are checked when they are next written.
 * @category Validators
 * @example
 * addValidator('users', { $jsonSchema: { bsonType: 'object', required: ['email'] } }),
 * @down Removes the validator.
 * @cost Operations on the collection wait for a moment. `plan` counts the documents that violate the validator.
 * @throws error with code `MIGRATION` for what MongoDB 7.0 would refuse: unknown keywords and operators, and invalid
 *   values.
 * @see https://www.mongodb.com/docs/v7.0/core/schema-validation/
 */
export function addValidator(collection: string, validator: Document, options: ValidationOptions = {}): SchemaStep {
  checkObject('addValidator', 'third argument', options, "an object: { validationAction: 'warn' }");
  checkNames('addValidator', options, parts);
  return {
    describe: [`validate the documents of \`${collection}\``],
    changes: [
      change(
        'validator',
        { collection },
        undefined,
        validatorOf('addValidator', collection, { validator, ...options }),
      ),
    ],
  };
}

/**
 * Replaces the validator of a collection. The new validator refuses invalid documents from then on. If existing documents
 * violate the new validator, the old one is restored and the migration stops.
 * @category Validators
 * @example
 * changeValidator('users', {
 *   from: { validator: { $jsonSchema: { required: ['email'] } } },
 *   to: { validator: { $jsonSchema: { required: ['email', 'name'] } } },
 * }),
 * @down Restores the old validator.
 * @cost Operations on the collection wait for a moment. For a stricter validator, every document is read once, and
 *   invalid documents stop the step.
 * @throws error with code `MIGRATION` for what MongoDB 7.0 would refuse.
 */
export function changeValidator(
  collection: string,
  definitions: { from: ValidatorDefinition; to: ValidatorDefinition },
): SchemaStep {
  checkObject(
    'changeValidator',
    'second argument',
    definitions,
    'an object: { from: { validator }, to: { validator } }',
  );
  checkNames('changeValidator', definitions, sides);
  const { from, to } = definitions;
  return {
    describe: [`change the validator of \`${collection}\``],
    changes: [
      change(
        'validator',
        { collection },
        validatorOf('changeValidator', collection, from),
        validatorOf('changeValidator', collection, to),
      ),
    ],
  };
}

/**
 * Removes the validator of a collection. Write the current validator in full.
 * @category Validators
 * @example
 * removeValidator('drafts', { validator: { $jsonSchema: { required: ['text'] } } }),
 * @down Restores the validator. If documents that were written in the meantime violate it, the rollback stops.
 * @cost Operations on the collection wait for a moment.
 * @throws error with code `MIGRATION` for what MongoDB 7.0 would refuse.
 */
export function removeValidator(collection: string, from: ValidatorDefinition): SchemaStep {
  return {
    describe: [`stop validating the documents of \`${collection}\``],
    changes: [change('validator', { collection }, validatorOf('removeValidator', collection, from), undefined)],
  };
}

const sides = ['from', 'to'];
const parts = ['validator', 'validationLevel', 'validationAction'];
const levels = ['strict', 'moderate', 'off'];
const actions = ['error', 'warn'];

function validatorOf(verb: string, collection: string, definition: ValidatorDefinition) {
  checkCollectionName(collection, verb);
  checkObject(verb, 'validator', definition, 'an object: { validator: { $jsonSchema: { … } } }');
  const { validator, ...options } = withoutUndefined(definition);
  checkObject(verb, 'validator', validator, 'an object: { $jsonSchema: { … } }');
  checkNames(verb, definition, parts);
  if (Object.keys(validator).length === 0)
    throw new SchemaError('MIGRATION', `The validator of ${collection} is empty`);
  const plain = toPlain(validator);
  const unclear = [...ambiguityProblems(plain)];
  const problems = unclear.length > 0 ? unclear : [...validatorProblems(relaxed(plain), options)];
  if (problems.length > 0)
    throw new SchemaError('MIGRATION', `The server would refuse the validator of ${collection}`, { why: problems });
  return canonicalValidator(plain, options);
}

function* validatorProblems(
  validator: PlainObject,
  { validationLevel = 'strict', validationAction = 'error' }: ValidationOptions,
): Generator<string> {
  yield* filterProblems(validator);
  if (!levels.includes(validationLevel)) yield wordProblem('validationLevel', validationLevel, levels);
  if (!actions.includes(validationAction)) yield wordProblem('validationAction', validationAction, actions);
  if ((validationLevel !== 'strict' || validationAction !== 'error') && encrypts(validator))
    yield 'a schema that encrypts fields must have validationLevel strict and validationAction error';
}

function wordProblem(option: string, word: unknown, words: readonly string[]): string {
  return `${option} is ${JSON.stringify(word)}, but must be one of ${words.join(', ')}${didYouMean(String(word), words)}`;
}
