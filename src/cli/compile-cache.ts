import module from 'node:module';
import path from 'node:path';
import { cacheFolder } from './cache-folder';
import { keepCode } from './kept-code';
import { processEnv } from '../support/process-env';

// Import this file before the rest of the program. Compiling takes a third of the time that the program needs to load (bench/startup.ts).
// So the code that V8 compiles is kept in a cache: by Node itself from version 22, and by `keepCode` on Node 20.
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
const folder = cacheFolder('compiled');
if (__filename.endsWith('.js') && folder !== undefined) {
  if (enableCompileCache) enableCompileCache(folder);
  // These variables have the same effect in Node 22. A process that measures coverage must compile its own code.
  else if (!processEnv()['NODE_DISABLE_COMPILE_CACHE'] && !processEnv()['NODE_V8_COVERAGE']) {
    keepCode(folder, path.resolve(__dirname, '..', '..'));
  }
}
