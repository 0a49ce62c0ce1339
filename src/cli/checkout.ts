import { SchemaError } from '../support/schema-error';

/**
 * For verbs that work on migrations in TypeScript, which the compiled program cannot load.
 * @param what `writes no migrations`
 * @throws error with code `USAGE` in the compiled program
 */
export function refuseCompiled(what: string, verb: string): void {
  if (!__filename.endsWith('.js')) return;
  throw new SchemaError('USAGE', `The compiled program ${what}`, {
    why: 'migrations are written in TypeScript, and this program runs compiled ones',
    fix: `in a checkout: \`npm run schema -- ${verb} NAME\``,
  });
}
