import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { migrationName, type Migration } from './migration';

/** `20260131093000-add_users.ts`: the time it was made (UTC), and what it is about. */
const namePattern = /^\d{14}-[\w-]+\.(?:ts|js)$/;
const sample = /^sample-migration\.(?:ts|js)$/;
const code = /\.(?:[cm]?[jt]s)$/;

/**
 * The paths of the migrations in a folder, in order.
 * @throws Error for a file of code that is no migration (migrate-mongo would run it), or one that is there twice.
 */
export function findMigrations(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => code.test(name) && !sample.test(name));
  const strangers = names.filter((name) => !namePattern.test(name));
  if (strangers.length > 0) {
    throw new Error(
      `${folder} holds ${strangers.join(', ')}, and a migration is named YYYYMMDDHHMMSS-what_it_does.ts. ` +
        'Rename it (`npx migrate-mongo create what_it_does` gives a name), or move it out of the folder.',
    );
  }
  const twins = names.filter((name) => name.endsWith('.js') && names.includes(migrationName(name)));
  if (twins.length > 0) {
    throw new Error(`${folder} holds ${twins.join(', ')} beside the same in .ts: keep one of each, or it would run twice.`);
  }
  return names.sort().map((name) => path.join(folder, name));
}

/**
 * Loads migrations, in the order of the paths.
 * @throws Error naming the file that cannot be loaded or exports no migration.
 */
export function loadMigrations(paths: readonly string[]): Migration[] {
  return paths.map((file) => {
    const exported = requireFrom(file);
    if (isMigration(exported)) return exported;
    throw new Error(`${path.basename(file)} exports no migration: write \`export default migration(__filename, …)\`.`);
  });
}

const require = createRequire(__filename);

function requireFrom(file: string): unknown {
  try {
    return (require(file) as { default?: unknown }).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${migrationName(file)} cannot be loaded: ${reason}`, { cause });
  }
}

function isMigration(value: unknown): value is Migration {
  return typeof value === 'object' && value !== null && 'changes' in value && 'up' in value && 'down' in value;
}
