import { frozenName, type Frozen } from '../../project';
import { commitOf, forkOf, jsonAt, namesAt } from '../git';
import type { Base } from './types';

const migrationFile = /^\d{14}-[\w-]+\.ts$/;

/**
 * Returns the migrations of a folder at a git ref.
 * @throws error with code `USAGE` when git, the repository or the ref does not exist
 */
export async function readBase(folder: string, ref: string): Promise<Base> {
  const commit = await commitOf(folder, ref);
  const [names, shared, frozen] = await Promise.all([
    migrationsAt(folder, commit),
    forkOf(folder, commit).then((fork) => migrationsAt(folder, fork)),
    jsonAt(folder, commit, frozenName),
  ]);
  return {
    label: ref,
    names,
    shared: shared.filter((name) => names.includes(name)),
    frozen: (frozen ?? {}) as Frozen,
  };
}

/** Returns the names of the migrations in a folder at a commit. */
export async function migrationsAt(folder: string, commit: string): Promise<string[]> {
  return (await namesAt(folder, commit)).filter((name) => migrationFile.test(name));
}
