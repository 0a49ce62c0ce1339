import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

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
  const kept = read(file);
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

/** Returns the kept code by file. It is empty if there is none that can be trusted. */
function read(file: string): Map<string, Code> {
  try {
    const all = readOwn(file);
    const [hash, head = ''] = all.toString('latin1', 0, all.indexOf('\n\n')).split('\n');
    const body = all.subarray((hash?.length ?? 0) + 1);
    if (hash !== hashOf(body)) return new Map();
    let at = head.length + 2;
    return new Map(
      (JSON.parse(Buffer.from(head, 'latin1').toString()) as [string, string, number][]).map(([name, hash, length]) => {
        const data = body.subarray(at, at + length);
        at += length;
        return [name, { hash, data }];
      }),
    );
  } catch {
    return new Map();
  }
}

/**
 * Returns the contents of a file; nothing if another user may have written it.
 * @throws error if the file does not exist
 */
function readOwn(file: string): Buffer {
  const open = openSync(file, 'r');
  try {
    const { uid, mode } = fstatSync(open);
    const isForeign = process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0);
    return isForeign ? Buffer.alloc(0) : readFileSync(open);
  } finally {
    closeSync(open);
  }
}

/** Writes the code under another name first, so that no process reads half of it. Without it, the next process compiles again. */
function write(file: string, code: ReadonlyMap<string, Code>): void {
  const draft = `${file}.${process.pid}`;
  try {
    const head = JSON.stringify([...code].map(([name, { hash, data }]) => [name, hash, data.length]));
    const body = Buffer.concat([Buffer.from(`${head}\n\n`), ...[...code.values()].map(({ data }) => data)]);
    if (body.length > largest) {
      rmSync(file, { force: true });
      return;
    }
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, Buffer.concat([Buffer.from(`${hashOf(body)}\n`), body]), { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch {
    try {
      rmSync(draft, { force: true });
    } catch {
      // The folder cannot be written.
    }
  }
}

function hashOf(content: string | Buffer): string {
  return createHash('sha1').update(content).digest('hex');
}
