import { homedir } from 'node:os';
import path from 'node:path';
import { processEnv } from '../support/process-env';

/**
 * Returns a cache folder of this user, for files that may be deleted at any time; undefined if the user has no home folder. It is not in the
 * system's temporary folder, where other users could create it and put files into it. The scripts that install programs use the same parent
 * folder.
 */
export function cacheFolder(name: string): string | undefined {
  const { SENTIMATRIX_CACHE: own, XDG_CACHE_HOME: caches } = processEnv();
  if (own) return path.resolve(own, name);
  try {
    return path.join(caches || path.join(homedir(), '.cache'), 'sentimatrix-schema', name);
  } catch {
    return undefined;
  }
}
