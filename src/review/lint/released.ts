import { readFrozen } from '../../project';
import { git } from '../git';
import { readBase } from './base';

/**
 * The frozen migrations of a folder that nobody can correct any more: those that `origin` has on its main branch. In no
 * git repository, as in an image, all frozen ones are released.
 */
export async function releasedMigrations(folder: string): Promise<string[]> {
  const isFrozen = (name: string) => Object.hasOwn(frozen, name);
  const frozen = readFrozen(folder);
  const isInGit = await git(folder, 'rev-parse', '--git-dir').then(
    () => true,
    () => false,
  );
  if (!isInGit) return Object.keys(frozen);
  for (const ref of ['origin/HEAD', 'origin/main', 'origin/master']) {
    const base = await readBase(folder, ref).catch(() => undefined);
    if (base) return base.names.filter(isFrozen);
  }
  return [];
}
