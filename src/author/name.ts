import { SchemaError } from '../support/schema-error';

const allowed = /^[A-Za-z0-9][\w-]*$/;
/** In characters. A name of this length is short enough for every file system, even with the timestamp and the file extension. */
const longest = 100;

/**
 * Checks the name of a new migration.
 * @throws error with code `USAGE` for characters other than letters, digits, `-` and `_`. The error suggests a valid name.
 */
export function checkNewName(name: string): void {
  if (allowed.test(name) && name.length <= longest) return;
  const near = suggestion(name);
  throw new SchemaError('USAGE', `A migration cannot be named ${JSON.stringify(name)}, so nothing was written`, {
    why: `a name starts with a letter or a digit, has only letters from a to z, digits, - and _, and at most ${longest} characters`,
    fix: near === '' ? 'describe the change in a few words: add-user-notes' : `name it ${near}`,
  });
}

/** Returns a valid form of the name: accents are removed, and other invalid characters become one `-`. */
function suggestion(name: string): string {
  return name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[-_]*[^\w-]+[-_]*/g, '-')
    .slice(0, longest)
    .replaceAll(/^[-_]+|-+$/g, '');
}
