import { ownMigrations } from '../project';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';

/**
 * Refuses a verb that works on the source files of migrations. The compiled program does not have them.
 * @param what what the compiled program cannot do: `cannot write migrations`
 * @param command the command to type in a checkout: `new NAME`
 * @throws error with code `USAGE` in the compiled program
 */
export function refuseCompiled(what: string, command: string): void {
  if (!__filename.endsWith('.js')) return;
  throw new SchemaError('USAGE', `The compiled program ${what}`, {
    why: 'migrations are written in TypeScript, and this program has only the compiled ones',
    where: shown(ownMigrations),
    fix: `run this in a checkout: \`npm run schema -- ${command}\``,
  });
}
