import { realpathSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { isSchemaError } from '../support/schema-error';
import { isMigrationFile } from './find';
import { loadError, toMigration } from './load';

/** How Node loads a file, by its ending; a loader of TypeScript has its place here, too. */
type Loaders = Record<string, ((module: { exports: unknown }, file: string) => void) | undefined>;

/**
 * A bare migrate-mongo calls the `up` that a file exports. So that a plain one runs under the lease, with events, as in a
 * deploy, it gets of each file in the folder what everything else gets: a migration whose `up` sees to that.
 * @param folder the folder that migrate-mongo works on, once it is known.
 */
export function handToMigrateMongo(folder: () => string): void {
  const { _extensions: loaders } = Module as unknown as { _extensions: Loaders };
  const load = loaders['.ts'];
  loaders['.ts'] = (module, file) => {
    if (!isIn(folder(), file)) {
      load?.(module, file);
      return;
    }
    try {
      load?.(module, file);
    } catch (cause) {
      // Also where Node could import what cannot be required: migrate-mongo would call that as it is.
      throw isSchemaError(cause) ? cause : loadError(file, cause);
    }
    module.exports = { default: toMigration(file, module.exports) };
  };
}

function isIn(folder: string, file: string): boolean {
  return isMigrationFile(file) && path.dirname(file) === real(folder);
}

/** Node knows files by what links lead to. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
