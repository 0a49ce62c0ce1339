import { readdirSync } from 'node:fs';
import path from 'node:path';
import { checksumOf, type MigrationText } from '../history';

/** The name that the changelog knows a migration file by: compiled code keeps the name of its source. */
export function migrationName(fileName: string): string {
  return path.basename(fileName).replace(/\.js$/, '.ts');
}

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
    throw new Error(
      `${folder} holds ${twins.join(', ')} beside the same in .ts: keep one of each, or it would run twice.`,
    );
  }
  return names.sort().map((name) => path.join(folder, name));
}

/** The names and checksums of migrations, in the order of the paths, without loading any. */
export function textsOf(paths: readonly string[]): MigrationText[] {
  return paths.map((file) => ({ name: migrationName(file), checksum: checksumOf(file) }));
}
