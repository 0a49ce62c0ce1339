import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { processEnv } from '../support/process-env';

// To be imported before the rest of the program. Node 22 and newer can keep what V8 compiles, which saves a fifth of the time of a
// start (bench/startup.ts). The folder is the user's own: in the temporary folder, others could put code there. Where nothing can be
// kept, Node compiles as before.
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
if (__filename.endsWith('.js')) {
  const caches = processEnv()['XDG_CACHE_HOME'] || path.join(homedir(), '.cache');
  enableCompileCache?.(path.join(caches, 'sentimatrix-schema', 'compiled'));
}
