import { createRequire } from 'node:module';
import path from 'node:path';
import { migrationName } from '../migration/name';
import { plainMigration, type PlainExports } from '../migration/plain';
import { isPlain, type Migration } from '../migration/types';
import { explainMisspelt } from './misspelt-verb';
import { placeOf } from '../support/error-place';
import { reportOf, SchemaError } from '../support/schema-error';

/**
 * Loads migrations, in the order of the paths.
 * @throws error with code `MIGRATION` that names the file that cannot be loaded or exports no migration.
 */
export function loadMigrations(paths: readonly string[]): Migration[] {
  return paths.map((file) => toMigration(file, requireFrom(file)));
}

/** Returns whether a file contains a plain migration; false when the file cannot be loaded. */
export function isPlainFile(file: string): boolean {
  try {
    return loadMigrations([file]).some(isPlain);
  } catch {
    return false;
  }
}

/**
 * Returns the migration that a file exports: a migration made of verbs, or a plain migration, which consists of `up(db, client)` and
 * `down`.
 * @throws error with code `MIGRATION` when the file exports neither.
 */
export function toMigration(file: string, exported: unknown): Migration {
  const chosen = chosenFrom(exported);
  if (isMigration(chosen)) return chosen;
  const { up, down } = chosen;
  if (typeof up === 'function' && (typeof down === 'function' || down === undefined || down === null)) {
    return plainMigration(file, chosen as unknown as PlainExports);
  }
  const name = path.basename(file);
  const where = placeOf(undefined, file);
  if ((up ?? down) === undefined) {
    throw new SchemaError('MIGRATION', `${name} exports no migration`, {
      fix: 'write `export default migration(__filename, …)`, or export `up(db, client)` and `down`',
      where,
    });
  }
  const why =
    up === undefined
      ? 'it exports `down`, but not `up`'
      : `\`${typeof up === 'function' ? 'down' : 'up'}\` is not a function`;
  throw new SchemaError('MIGRATION', `${name} exports no migration that can be run`, {
    why,
    fix: 'write `export async function up(db, client) { … }`, and `down` in the same way, or leave `down` out',
    where,
  });
}

type Exports = Readonly<Record<string, unknown>>;

/** Returns the exports that migrate-mongo uses: the default export if there is one, else all exports. */
function chosenFrom(exported: unknown): Exports {
  const all = asExports(exported);
  return all['default'] ? asExports(all['default']) : all;
}

function asExports(value: unknown): Exports {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? (value as Exports) : {};
}

const requireModule = createRequire(__filename);

function requireFrom(file: string): unknown {
  try {
    return requireModule(file);
  } catch (cause) {
    throw loadError(file, cause);
  }
}

/** Returns an error that says why a file cannot be loaded. */
export function loadError(file: string, cause: unknown): SchemaError {
  const report = reportOf(cause);
  // The compiler appends its own minified stack to the message of a syntax error. Cut it off.
  const reason = [report.summary, ...(report.why ?? [])].join('\n').replace(/\s+Caused by:\s+Syntax Error[^]*$/, '');
  const isUncompiled = file.endsWith('.ts') && __filename.endsWith('.js');
  const remedy = 'from a checkout, `npm run schema` loads TypeScript';
  const misspelt = explainMisspelt(cause);
  return new SchemaError('MIGRATION', `${migrationName(file)} cannot be loaded`, {
    why: isUncompiled ? 'the compiled program loads only compiled migrations' : (misspelt?.why ?? reason.trim()),
    fix: isUncompiled ? remedy : (misspelt?.fix ?? report.fix),
    where: placeOf(cause, file),
    cause,
  });
}

function isMigration(value: unknown): value is Migration {
  return typeof value === 'object' && value !== null && 'changes' in value && 'up' in value && 'down' in value;
}
