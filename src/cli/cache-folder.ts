import { homedir } from 'node:os';
import path from 'node:path';
import { processEnv } from '../support/process-env';

/**
 * Returns a folder of the user for files that may be lost. It is not in the temporary folder, where other users could put files into it.
 */
export function cacheFolder(name: string): string {
  const caches = processEnv()['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  return path.join(caches, 'sentimatrix-schema', name);
}
