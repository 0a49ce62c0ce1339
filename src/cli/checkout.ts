import { ownMigrations } from '../project';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';

/**
 * Refuses a command that needs the source files of migrations, because the compiled program does not have these files.
 * @param what the end of the sentence "The compiled program …", such as `cannot write migrations`
 * @param command the command to type in a checkout, such as `new NAME`
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
