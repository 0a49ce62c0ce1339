import { collectionNameProblem, isOwnCollection } from '../../schema';
import { checkText } from './arguments';
import { SchemaError } from '../../support/schema-error';

/**
 * @param verb the verb that received the name, for the error message
 * @throws error with code `MIGRATION` for an invalid name of a collection.
 */
export function checkCollectionName(name: string, verb = 'The step'): void {
  checkText(verb, 'collection', name);
  const problem = problemOf(name);
  if (problem) throw new SchemaError('MIGRATION', `"${name}" is not a valid name for a collection`, { why: problem });
}

function problemOf(name: string): string | undefined {
  return isOwnCollection(name) ? 'the migrations keep their own records in it' : collectionNameProblem(name);
}
