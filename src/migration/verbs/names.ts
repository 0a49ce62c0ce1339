import { isOwnCollection } from '../../schema';

/** @throws Error when no product collection can have the name. */
export function checkCollectionName(name: string): void {
  const problem = problemOf(name);
  if (problem) throw new Error(`"${name}" cannot name a collection: ${problem}.`);
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '__proto__') return 'JavaScript gives it a meaning of its own';
  if (name.startsWith('system.')) return 'names that start with "system." belong to the server';
  if (name.startsWith('.')) return 'it starts with a dot';
  if (name.includes('$') || name.includes('\0')) return 'it contains "$" or a null character';
  if (isOwnCollection(name)) return 'the migrations keep their own records in it';
  return undefined;
}
