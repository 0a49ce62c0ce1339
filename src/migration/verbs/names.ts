import { collectionNameProblem, isOwnCollection } from '../../schema';
import { checkText } from './arguments';
import { SchemaError } from '../../support/schema-error';

/**
 * `verb` is the one that the name was given to, where that is worth to tell.
 * @throws error with code `MIGRATION` when no product collection can have the name.
 */
export function checkCollectionName(name: string, verb = 'The step'): void {
  checkText(verb, 'collection', name);
  const problem = problemOf(name);
  if (problem) throw new SchemaError('MIGRATION', `"${name}" cannot name a collection`, { why: problem });
}

function problemOf(name: string): string | undefined {
  return isOwnCollection(name) ? 'the migrations keep their own records in it' : collectionNameProblem(name);
}
