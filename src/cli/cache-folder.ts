import { homedir } from 'node:os';
import path from 'node:path';
import { processEnv } from '../support/process-env';

/**
 * Returns a cache folder of this user, for files that may be deleted at any time. It is not in the system's temporary folder, where other
 * users could create it and put files into it.
 */
export function cacheFolder(name: string): string {
  const caches = processEnv()['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  return path.join(caches, 'sentimatrix-schema', name);
}
