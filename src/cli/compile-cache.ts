import module from 'node:module';
import { cacheFolder } from './cache-folder';

// To be imported before the rest of the program. Node 22 and newer can keep what V8 compiles, which saves a fifth of the time of a
// start (bench/startup.ts). Where nothing can be kept, Node compiles as before.
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };
if (__filename.endsWith('.js')) enableCompileCache?.(cacheFolder('compiled'));
