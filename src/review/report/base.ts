import path from 'node:path';
import { frozenName, type Frozen } from '../../project';
import { emptySchema, type Schema } from '../../schema';
import { commitOf, forkOf, jsonAt } from '../git';
import { schemaFile } from '../generated-files';
import { migrationsAt } from '../lint/base';

/** What a branch began with. */
export interface ReportBase {
  /** How people call it: `origin/main`. */
  readonly label: string;
  /** Where the branch left it. */
  readonly commit: string;
  /** The migrations that are there. */
  readonly names: readonly string[];
  readonly frozen: Frozen;
  /** The committed schema. */
  readonly schema: Schema;
}

/**
 * Reads from git what a branch began with: not the newest commit of a ref, so that what was merged there since is not taken
 * for gone.
 * @throws error with code `USAGE` when git, the repository or the ref is not there.
 */
export async function readReportBase(
  { migrations, schema: schemaFolder }: { readonly migrations: string; readonly schema: string },
  ref: string,
): Promise<ReportBase> {
  const commit = await forkOf(migrations, await commitOf(migrations, ref));
  const [names, frozen, schema] = await Promise.all([
    migrationsAt(migrations, commit),
    jsonAt(migrations, commit, frozenName),
    jsonAt(
      migrations,
      commit,
      path.relative(migrations, path.join(schemaFolder, schemaFile)).replaceAll(path.sep, '/'),
    ),
  ]);
  return {
    label: ref,
    commit,
    names: names.sort(),
    frozen: (frozen ?? {}) as Frozen,
    schema: (schema ?? emptySchema) as Schema,
  };
}
