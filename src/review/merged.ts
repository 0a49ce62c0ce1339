import { readFrozen } from '../project';
import { commitOf, git } from './git';
import { migrationsAt } from './lint/base';

const usual = ['origin/main', 'main', 'origin/master', 'master'];

/** The migrations that others may have: those of a git ref. */
export interface Merged {
  readonly names: readonly string[];
  /** The ref; absent where the folder is in no repository that has one of the usual names. */
  readonly base?: string;
}

/**
 * @param ref the branch that migrations are merged to; the main one of the repository unless given
 * @throws error with code `USAGE` for a ref that git does not know
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
 * The frozen migrations of a folder that nobody can correct any more: the merged ones. In no git repository, as in an image,
 * all frozen ones are.
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
