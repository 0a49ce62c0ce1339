import { statSync } from 'node:fs';
import path from 'node:path';
import { SchemaError } from '../support/schema-error';

/** The folders of the project that the command line works on; absolute paths. */
export interface Folders {
  /** The folder above the migrations: messages name files from here. */
  readonly project: string;
  readonly migrations: string;
  /** Where schema.json and SCHEMA.md are. */
  readonly schema: string;
  /** The tool's own pages; absent when the migrations are another project's. */
  readonly docs?: string;
}

/** The folder of the tool, from its sources as from its compiled code. */
const toolFolder = path.resolve(__dirname, '..', '..');

/**
 * The folders that options or the environment name, relative to the working directory; else the repository's own.
 * @throws error with code `USAGE` when `migrations` names no folder
 */
export function findFolders(named: {
  readonly migrations?: string | undefined;
  readonly schemaFolder?: string | undefined;
}): Folders {
  const migrations = named.migrations ? path.resolve(named.migrations) : path.join(toolFolder, 'migrations');
  if (!statSync(migrations, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SchemaError('USAGE', `There is no folder ${migrations}`, {
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
