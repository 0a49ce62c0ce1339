import path from 'node:path';
import { frozenName, type Frozen } from '../../project';
import { emptySchema, type Schema } from '../../schema';
import { commitOf, forkOf, jsonAt } from '../git';
import { schemaFile } from '../generated-files';
import { migrationsAt } from '../lint/base';

/** The state at the start of a branch. */
export interface ReportBase {
  /** The name in the report, such as `origin/main`. */
  readonly label: string;
  /** The commit where the branch began. */
  readonly commit: string;
  /** The migrations at that commit. */
  readonly names: readonly string[];
  readonly frozen: Frozen;
  /** The committed schema. */
  readonly schema: Schema;
}

/**
 * Reads from git the state at the start of a branch, not at the newest commit of a ref. Compared with the newest commit, migrations that
 * were merged since the branch began would look deleted.
 * @throws error with code `USAGE` when git, the repository or the ref does not exist
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
