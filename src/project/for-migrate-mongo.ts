import { realpathSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { isSchemaError } from '../support/schema-error';
import { isMigrationFile } from './find';
import { loadError, toMigration } from './load';

/** Node's loaders by file extension. A TypeScript loader is one of them. */
type Loaders = Record<string, ((module: { exports: unknown }, file: string) => void) | undefined>;

/**
 * Makes plain migrations run under the lease, and record events, when a person calls migrate-mongo directly. migrate-mongo calls the `up`
 * that a file exports. So this function replaces the exports of each file in the folder by a migration whose `up` takes the lease first, as
 * a deploy does.
 * @param folder returns the folder that migrate-mongo works on, once this folder is known
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
      // Always throw this error. After another error, migrate-mongo would fall back to `import`, and run the file without the lease.
      throw isSchemaError(cause) ? cause : loadError(file, cause);
    }
    module.exports = { default: toMigration(file, module.exports) };
  };
}

function isIn(folder: string, file: string): boolean {
  return isMigrationFile(file) && path.dirname(file) === real(folder);
}

/** Resolves symbolic links, because Node identifies files by their real paths. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
