import { statSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from '../support/schema-error';

/** The folders of the project that the command line works on, as absolute paths. */
export interface Folders {
  /** The parent folder of the migrations. Messages show paths of files relative to it. */
  readonly project: string;
  readonly migrations: string;
  /** The folder of schema.json and SCHEMA.md. */
  readonly schema: string;
  /** The folder of the tool's documentation; absent when the migrations belong to another project. */
  readonly docs?: string;
}

/** The folder of the tool. It is two levels up from the sources, and also from the compiled code. */
const toolFolder = path.resolve(__dirname, '..', '..');

/**
 * Returns the folders that the options or the environment variables name. Their paths are relative to the working directory. The default
 * folders are those of this repository.
 * @throws error with code `USAGE` when the folder `migrations` does not exist
 */
export function findFolders(named: {
  readonly migrations?: string | undefined;
  readonly schemaFolder?: string | undefined;
}): Folders {
  const migrations = named.migrations ? path.resolve(named.migrations) : path.join(toolFolder, 'migrations');
  if (!statSync(migrations, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SchemaError('USAGE', `The folder ${migrations} does not exist`, {
      fix: 'name the folder of the migrations with --migrations or SCHEMA_MIGRATIONS',
    });
  }
  const project = path.dirname(migrations);
  return {
    project,
    migrations,
    schema: named.schemaFolder ? path.resolve(named.schemaFolder) : path.join(project, 'schema'),
    ...(project === toolFolder && { docs: path.join(toolFolder, 'docs') }),
  };
}
