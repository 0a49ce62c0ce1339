import { homedir } from 'node:os';
import path from 'node:path';
import { processEnv } from '../support/process-env';

/**
 * Returns a folder of the user for files that may be lost. It is not in the temporary folder, where other users could put files into it.
 * The scripts that install programs use the same folder above it. Undefined when the user has no home.
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
