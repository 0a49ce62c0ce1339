/*
 * `node -r ./scripts/quick-start.js FILE.ts` runs TypeScript as `-r ts-node/register` does, but starts in a third of the time. It caches
 * the output of ts-node, and the code that V8 compiles from it and from the packages. The cache keys are hashes of the contents, so an edit
 * takes effect immediately.
 */
const { createHash } = require('node:crypto');
const {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const root = path.resolve(__dirname, '..');
const packages = realpathSync(path.join(root, 'node_modules'));
const cache = path.join(packages, '.cache', 'quick-start');
/** The maximum number of cached files, for current and former sources. */
const most = 5_000;

/** Returns the contents of a cached file, or undefined if there is none. */
function kept(name) {
  try {
    return readFileSync(path.join(cache, name));
  } catch {
    return undefined;
  }
}

/** Writes a file to the cache. Errors are ignored: without the cache, programs only start more slowly. */
function keep(name, content) {
  const file = path.join(cache, name);
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(draft, content);
    renameSync(draft, file);
  } catch {
    forget(draft);
  }
}

function hashOf(...parts) {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

// TypeScript files: the compiled code depends on the settings and on the versions of the compilers, so its name in the cache does too.
const compilers = ['ts-node', '@swc/core'].map((name) =>
  readFileSync(path.join(root, 'node_modules', name, 'package.json')),
);
const settings = hashOf(readFileSync(path.join(root, 'tsconfig.json')), ...compilers);
let service;
/** For each source file, the name of its compiled code in the cache. */
const compiledTo = new Map();

/** For each folder, whether its files are ECMAScript modules. The nearest package.json above it decides this. */
const moduleFolders = new Map();

function holdsModules(folder) {
  let holds = moduleFolders.get(folder);
  if (holds === undefined) {
    const manifest = path.join(folder, 'package.json');
    const above = path.dirname(folder);
    if (existsSync(manifest)) holds = JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
    else holds = above !== folder && holdsModules(above);
    moduleFolders.set(folder, holds);
  }
  return holds;
}

require.extensions['.ts'] = (module, fileName) => {
  if (holdsModules(path.dirname(fileName))) {
    // ts-node refuses such a file too: compiled to CommonJS, it may behave differently.
    const why = 'the package.json above it has "type": "module", and only CommonJS can be required';
    throw Object.assign(new Error(`${fileName} cannot be required: ${why}`), { code: 'ERR_REQUIRE_ESM' });
  }
  const source = readFileSync(fileName, 'utf8');
  const name = `${hashOf(settings, source)}.js`;
  let code = kept(name)?.toString();
  if (code === undefined) {
    service ??= require('ts-node').create({ cwd: root });
    code = service.compile(source, fileName);
    keep(name, code);
  }
  compiledTo.set(fileName, name);
  module._compile(code, fileName);
};

// Stack traces show lines of the sources, as with ts-node. The library is loaded only when a stack trace is needed.
Error.prepareStackTrace = (error, frames) => {
  const of = require.resolve('ts-node');
  require(require.resolve('@cspotcode/source-map-support', { paths: [of] })).install({
    environment: 'node',
    retrieveSourceMap: sourceMapOf,
  });
  return Error.prepareStackTrace(error, frames);
};

/**
 * Returns the source map, which is in the last line of the compiled code. Files with equal text share that code, so the path of this file
 * is put into the map.
 */
function sourceMapOf(file) {
  const code = kept(compiledTo.get(file.replace(/^file:\/\//, '')) ?? 'none')?.toString();
  const [, encoded] = code?.match(/^\/\/# sourceMappingURL=.*;base64,(.*)$/m) ?? [];
  if (encoded === undefined) return null;
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString());
  return { url: file, map: { ...map, sourceRoot: '', sources: [file] } };
}

// JavaScript files: newer versions of Node have their own cache for the code that V8 compiles.
if (Module.enableCompileCache) Module.enableCompileCache(path.join(cache, 'node'));
else keepCompiled();

function keepCompiled() {
  const compiler = String(v8.cachedDataVersionTag());
  const compiled = new Map();
  const home = path.join(path.dirname(packages), path.sep);
  const { _compile: compileAnew } = Module.prototype;
  Module.prototype._compile = function (content, filename, format) {
    // Code with `import()` is not cached: in cached code, V8 has lost the function that handles `import()`. Files outside the checkout,
    // such as migrations of tests, are not cached either: they are loaded only once.
    const isKept = format !== 'module' && filename.startsWith(home) && !/\bimport\s*\(/.test(content);
    if (!isKept) return compileAnew.call(this, content, filename, format);
    const source = Module.wrap(content.replace(/^#!.*/, ''));
    const name = `${hashOf(compiler, filename, source)}.v8`;
    let script;
    try {
      script = new vm.Script(source, {
        filename,
        columnOffset: -Module.wrapper[0].length,
        cachedData: kept(name),
      });
    } catch {
      // The file may be an ECMAScript module, although neither its name nor a package.json says so.
      return compileAnew.call(this, content, filename, format);
    }
    // The compiled code was not in the cache, or V8 rejected it.
    if (script.cachedDataRejected !== false) compiled.set(name, script);
    const require = (id) => this.require(id);
    require.resolve = (id, options) => Module._resolveFilename(id, this, false, options);
    require.main = process.mainModule;
    require.extensions = Module._extensions;
    require.cache = Module._cache;
    const run = script.runInThisContext();
    return run.call(this.exports, this.exports, require, this, filename, path.dirname(filename));
  };
  // Write the cache at exit: then V8 knows which functions were used.
  process.on('exit', () => {
    for (const [name, script] of compiled) keep(name, script.createCachedData());
    if (compiled.size > 0 && keptFiles() > most) forget(cache);
  });
}

function keptFiles() {
  try {
    return readdirSync(cache).length;
  } catch {
    return 0;
  }
}

function forget(name) {
  try {
    rmSync(name, { recursive: true, force: true });
  } catch {
    // Another process is removing the file, or the cache is not writable.
  }
}
