import { createHash } from 'node:crypto';
import module from 'node:module';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';
import { readKept, removeKept, writeKept } from '../support/kept-file';

/** What Node 20 offers to programs that replace how CommonJS files are compiled. Node's documentation does not describe all of it. */
interface Modules {
  readonly prototype: { _compile: (this: NodeJS.Module, content: string, file: string) => unknown };
  readonly wrap: (content: string) => string;
  readonly wrapper: readonly [string, string];
  readonly _resolveFilename: (id: string, from: NodeJS.Module, isMain: boolean, options?: object) => string;
  readonly _resolveLookupPaths: (id: string, from: NodeJS.Module) => string[] | null;
  readonly _extensions: NodeJS.Require['extensions'];
  readonly _cache: NodeJS.Require['cache'];
}

type Run = (
  this: unknown,
  exports: unknown,
  require: NodeJS.Require,
  module: NodeJS.Module,
  file: string,
  folder: string,
) => unknown;

/** The version of the file format. */
const format = 1;
/** The maximum size of the file, in bytes. A larger file would mostly hold code of former versions. */
const largest = 32 * 1024 * 1024;

/** The code that V8 compiled from one file, and the hash of the text that it was compiled from. */
interface Code {
  readonly hash: string;
  readonly data: Buffer;
}

/**
 * Keeps the code that V8 compiles from this program and its packages, in one file of a folder, so that the next process need not compile
 * it again. Node 22 and newer do this themselves. A file that is damaged, or that another user owns or may write, is ignored. Code
 * is used only for a text with the same hash.
 * @param own the folder of this program. Files elsewhere are kept only if they belong to a package.
 */
export function keepCode(folder: string, own: string): void {
  const modules = module as unknown as Modules;
  // Code depends on the version of V8 and on its flags, so each of them has its own file.
  const file = path.join(folder, [format, process.arch, cachedDataVersionTag(), hashOf(own)].join('-'));
  const kept = readKept(file, parse) ?? new Map<string, Code>();
  const made = new Map<string, { readonly hash: string; readonly script: Script }>();
  const compileAnew = modules.prototype._compile;
  const isOurs = (name: string) => name.startsWith(own) || name.includes(`${path.sep}node_modules${path.sep}`);

  modules.prototype._compile = function (content, name) {
    const hash = isOurs(name) ? hashOf(content) : '';
    const known = kept.get(name);
    const cachedData = known?.hash === hash ? known.data : undefined;
    // In kept code, V8 has lost the function that handles `import()`.
    if (hash === '' || (!cachedData && /\bimport\s*\(/.test(content))) return compileAnew.call(this, content, name);
    let script: Script;
    try {
      const columnOffset = -modules.wrapper[0].length;
      script = new Script(modules.wrap(content.replace(/^#!.*/, '')), {
        filename: name,
        columnOffset,
        ...(cachedData && { cachedData }),
      });
    } catch {
      // Node explains better what is wrong with the text.
      return compileAnew.call(this, content, name);
    }
    if (script.cachedDataRejected !== false) made.set(name, { hash, script });
    const run = script.runInThisContext() as Run;
    return run.call(this.exports, this.exports, requireFrom(this, modules), this, name, path.dirname(name));
  };

  // Only at the end does V8 know which functions were used.
  process.once('exit', () => {
    if (made.size === 0) return;
    for (const [name, { hash, script }] of made) kept.set(name, { hash, data: script.createCachedData() });
    write(file, kept);
  });
}

/** Returns what Node passes to a file as `require`. */
function requireFrom(from: NodeJS.Module, modules: Modules): NodeJS.Require {
  const resolve = (id: string, options?: object) => modules._resolveFilename(id, from, false, options);
  return Object.assign((id: string): unknown => from.require(id), {
    resolve: Object.assign(resolve, { paths: (id: string) => modules._resolveLookupPaths(id, from) }),
    main: require.main,
    extensions: modules._extensions,
    cache: modules._cache,
  });
}

/** Returns the kept code by file. */
function parse(content: Buffer): Map<string, Code> {
  const end = content.indexOf('\n\n');
  let at = end + 2;
  return new Map(
    (JSON.parse(content.toString('utf8', 0, end)) as [string, string, number][]).map(([name, hash, length]) => {
      const data = content.subarray(at, at + length);
      at += length;
      return [name, { hash, data }];
    }),
  );
}

/** Keeps the code for the next process. */
function write(file: string, code: ReadonlyMap<string, Code>): void {
  const head = JSON.stringify([...code].map(([name, { hash, data }]) => [name, hash, data.length]));
  const content = Buffer.concat([Buffer.from(`${head}\n\n`), ...[...code.values()].map(({ data }) => data)]);
  if (content.length > largest) removeKept(file);
  else writeKept(file, content);
}

function hashOf(content: string): string {
  return createHash('sha1').update(content).digest('hex');
}
