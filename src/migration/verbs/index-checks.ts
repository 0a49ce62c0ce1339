import { ambiguityProblems, indexProblems, maxTtl, relaxed, toPlain } from '../../schema';
import { SchemaError } from '../../support/schema-error';
import { isObject, show } from './arguments';
import type { IndexDefinition } from './index-definition';

/** @throws error with code `MIGRATION` that lists every problem of a definition */
export function checkIndex(collection: string, definition: IndexDefinition): void {
  if (!isObject(definition)) {
    throw new SchemaError('MIGRATION', `An index of ${collection} is ${show(definition)}`, {
      fix: "write an object: { name: 'user_id_1', key: { user_id: 1 }, serves: 'the query that it serves' }",
    });
  }
  const { serves, ...options } = definition;
  const { name } = options as { readonly name?: unknown };
  const whose = `The index ${collection}.${typeof name === 'string' && name !== '' ? name : '(no name)'}`;
  const plain = toPlain(options);
  const unclear = [...ambiguityProblems(plain)].map((problem) => `is ambiguous: ${problem}`);
  const problems = [...unclear, ...indexProblems(relaxed(plain)), ...servesProblems(serves)];
  if (problems.length > 0) throw new SchemaError('MIGRATION', `${whose} ${problems.join('; and it ')}`);
  if (options.expireAfterSeconds !== undefined) checkTtl(whose, options.expireAfterSeconds);
}

function servesProblems(serves: unknown): string[] {
  const isThere = typeof serves === 'string' && serves.trim() !== '';
  return isThere ? [] : ['needs `serves`: the query that it serves'];
}

/** @throws error with code `MIGRATION` for seconds that are not a whole number from 0 to 2147483647 */
export function checkTtl(whose: string, seconds: number): void {
  // The seconds may also be a Long.
  const plain = relaxed(toPlain({ seconds }))['seconds'];
  if (typeof plain === 'number' && Number.isInteger(plain) && plain >= 0 && plain <= maxTtl) return;
  throw new SchemaError('MIGRATION', `${whose} would expire after ${seconds} seconds, which is not allowed`, {
    fix: `a TTL is a whole number of seconds from 0 to ${maxTtl}`,
  });
}
