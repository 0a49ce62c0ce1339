import { SchemaError } from '../support/schema-error';

const allowed = /^[A-Za-z0-9][\w-]*$/;
/** With the time before it and the ending after it, a name still fits every file system. */
const longest = 100;

/**
 * Looks at what a migration is to be called.
 * @throws error with code `USAGE`, with a name that can be used, for one with other characters than letters, digits, `-` and `_`.
 */
export function checkNewName(name: string): void {
  if (allowed.test(name) && name.length <= longest) return;
  const near = suggestion(name);
  throw new SchemaError('USAGE', `A migration cannot be named ${JSON.stringify(name)}, so nothing was written`, {
    why: `a name begins with a letter or a digit, has letters from a to z, digits, - and _, and at most ${longest} characters`,
    fix: near === '' ? 'say in a few words what it does: add-user-notes' : `name it ${near}`,
  });
}

/** The same name with what may stand there: letters without their marks, and one `-` for anything else. */
function suggestion(name: string): string {
  return name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[-_]*[^\w-]+[-_]*/g, '-')
    .slice(0, longest)
    .replaceAll(/^[-_]+|-+$/g, '');
}
