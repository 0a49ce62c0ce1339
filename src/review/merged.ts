import { readFrozen } from '../project';
import { commitOf, git } from './git';
import { migrationsAt } from './lint/base';

const usual = ['origin/main', 'main', 'origin/master', 'master'];

/** The merged migrations, which other people may have: the migrations at a git ref. */
export interface Merged {
  readonly names: readonly string[];
  /** The ref; undefined when there is no repository, or when the repository has none of the usual branch names. */
  readonly base?: string;
}

/**
 * @param ref the branch that migrations are merged to; the default is the main branch of the repository
 * @throws error with code `USAGE` for a ref that git cannot find
 */
export async function mergedMigrations(folder: string, ref?: string): Promise<Merged> {
  for (const base of ref === undefined ? usual : [ref]) {
    const commit = await commitOf(folder, base).catch((error: unknown) => {
      if (ref !== undefined) throw error;
    });
    if (commit !== undefined) return { names: await migrationsAt(folder, commit), base };
  }
  return { names: [] };
}

/**
 * Returns the frozen migrations of a folder that can no longer be corrected: the merged ones. If there is no git repository, as in a
 * container image, returns all frozen migrations.
 */
export async function releasedMigrations(folder: string): Promise<string[]> {
  const frozen = readFrozen(folder);
  const isInGit = await git(folder, 'rev-parse', '--git-dir').then(
    () => true,
    () => false,
  );
  if (!isInGit) return Object.keys(frozen);
  const { names } = await mergedMigrations(folder);
  return names.filter((name) => Object.hasOwn(frozen, name));
}
