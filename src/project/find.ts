import { readdirSync } from 'node:fs';
import path from 'node:path';
import { migrationName } from '../migration/name';
import { SchemaError } from '../support/schema-error';

/** `20260131093000-add_users.ts`: the UTC time when the migration was created, and a description. */
const namePattern = /^\d{14}-[\w-]+\.(?:ts|js)$/;
const sample = /^sample-migration\.[cm]?[jt]s$/;
const code = /\.(?:[cm]?[jt]s)$/;
/** Whether this code is compiled. The compiled program uses compiled migrations. */
const isCompiled = __filename.endsWith('.js');
const otherEnding = isCompiled ? /\.[cm][jt]s$/ : /\.(?:js|[cm][jt]s)$/;

/** Returns whether a path has the name of a migration. */
export function isMigrationFile(file: string): boolean {
  return namePattern.test(path.basename(file));
}

/**
 * Returns the paths of the migrations in a folder, in order.
 * @throws error with code `MIGRATION` for a code file that is not a migration, for a code file with another extension than `.ts`
 *   (migrate-mongo would not list such a file), and for a migration that exists twice.
 */
export function findMigrations(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => code.test(name) && !sample.test(name));
  const present = new Set(names);
  const twins = names.filter((name) => name.endsWith('.js') && present.has(migrationName(name)));
  if (twins.length > 0) {
    throw new SchemaError('MIGRATION', `${folder} contains ${twins.join(', ')}, and the same migration as .ts`, {
      why: 'the same migration exists twice',
      fix: 'keep one file of each migration',
    });
  }
  const strangers = names.filter((name) => otherEnding.test(name) || !isMigrationFile(name));
  if (strangers.length > 0) throw strangersError(folder, strangers);
  return names.sort().map((name) => path.join(folder, name));
}

function strangersError(folder: string, strangers: readonly string[]): SchemaError {
  const others = strangers.filter((name) => otherEnding.test(name));
  const misnamed = strangers.filter((name) => !otherEnding.test(name));
  const renames = others.map((name) => `${name} to ${path.parse(name).name}.ts`);
  const [why, fix]: [string[], string[]] = [[], []];
  if (others.length > 0) {
    why.push(`the name of a migration ends in .ts: migrate-mongo would silently ignore ${others.join(', ')}`);
    fix.push(`rename ${renames.join(', ')} (see docs/moving-in.md), or move the file out of the folder`);
  }
  if (misnamed.length > 0) {
    why.push(
      'the name of a migration is YYYYMMDDHHMMSS-what_it_does.ts; migrate-mongo would also run any other code file',
    );
    const what = others.length > 0 ? misnamed.join(', ') : 'it';
    fix.push(
      `rename ${what} (\`npx migrate-mongo create what_it_does\` gives a name), or move the file out of the folder`,
    );
  }
  return new SchemaError('MIGRATION', `${folder} holds ${strangers.join(', ')}`, { why, fix: fix.join('; ') });
}
