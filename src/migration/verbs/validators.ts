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
 * @throws error with code `MIGRATION` for what MongoDB 7.0 would refuse: keywords and operators that it does not know, and values
 * that they do not take.
 */
export function addValidator(collection: string, validator: Document, options: ValidationOptions = {}): SchemaStep {
  checkObject('addValidator', 'third argument', options, "an object: { validationAction: 'warn' }");
  checkNames('addValidator', options, parts);
  return {
    describe: [`validate the documents of ${collection}`],
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

/** Replaces a collection's validator; both sides are written out, so that the change can be undone. */
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
    describe: [`change the validator of ${collection}`],
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

/** Takes a collection's validator away; it is written out as it was, so that going down can put it back. */
export function removeValidator(collection: string, from: ValidatorDefinition): SchemaStep {
  return {
    describe: [`stop validating the documents of ${collection}`],
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
    yield 'a schema that encrypts fields has to be checked strictly, and documents that it refuses be errors';
}

function wordProblem(option: string, word: unknown, words: readonly string[]): string {
  return `${option} is ${JSON.stringify(word)}, and has to be one of ${words.join(', ')}${didYouMean(String(word), words)}`;
}
