import { ownMigrations } from '../project';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';

/**
 * For verbs that work on the sources of migrations, which the compiled program does not have.
 * @param what `writes no migrations`
 * @param command what to type in a checkout: `new NAME`
 * @throws error with code `USAGE` in the compiled program
 */
export function refuseCompiled(what: string, command: string): void {
  if (!__filename.endsWith('.js')) return;
  throw new SchemaError('USAGE', `The compiled program ${what}`, {
    why: 'migrations are written in TypeScript, and this program runs compiled ones',
    where: shown(ownMigrations),
    fix: `in a checkout: \`npm run schema -- ${command}\``,
  });
}
