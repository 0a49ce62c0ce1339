/*
 * `node -r ./scripts/quick-start.js FILE.ts` runs TypeScript as `-r ts-node/register` does, and starts in a third of the time: what ts-node
 * makes of a file is kept, and so is what V8 compiles of it and of the packages. Both go by the content of the file, so an edit counts at once.
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
/** So many files are kept, of the present sources and of former ones. */
const most = 5_000;

/** @returns undefined where nothing is kept under that name. */
function kept(name) {
  try {
    return readFileSync(path.join(cache, name));
  } catch {
    return undefined;
  }
}

/** Whoever cannot write there starts slowly, and that is all. */
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

// TypeScript: the output depends on the settings and on who compiles.
const compilers = ['ts-node', '@swc/core'].map((name) =>
  readFileSync(path.join(root, 'node_modules', name, 'package.json')),
);
const settings = hashOf(readFileSync(path.join(root, 'tsconfig.json')), ...compilers);
let service;
/** Where what a file was compiled to is kept, by the file. */
const compiledTo = new Map();

/** Whether the next package.json above a folder makes ECMAScript modules of its files, by folder. */
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
    // As ts-node does: what would be compiled is not what its author wrote.
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

// Stacks name the lines of the sources, as those of ts-node do; most processes print none.
Error.prepareStackTrace = (error, frames) => {
  const of = require.resolve('ts-node');
  require(require.resolve('@cspotcode/source-map-support', { paths: [of] })).install({
    environment: 'node',
    retrieveSourceMap: sourceMapOf,
  });
  return Error.prepareStackTrace(error, frames);
};

/** The map is in the last line of what ts-node made; the same text may stand in another file by now. */
function sourceMapOf(file) {
  const code = kept(compiledTo.get(file.replace(/^file:\/\//, '')) ?? 'none')?.toString();
  const [, encoded] = code?.match(/^\/\/# sourceMappingURL=.*;base64,(.*)$/m) ?? [];
  if (encoded === undefined) return null;
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString());
  return { url: file, map: { ...map, sourceRoot: '', sources: [file] } };
}

// JavaScript: newer versions of Node keep by themselves what V8 makes of it.
if (Module.enableCompileCache) Module.enableCompileCache(path.join(cache, 'node'));
else keepCompiled();

function keepCompiled() {
  const compiler = String(v8.cachedDataVersionTag());
  const compiled = new Map();
  const home = path.join(path.dirname(packages), path.sep);
  const { _compile: compileAnew } = Module.prototype;
  Module.prototype._compile = function (content, filename, format) {
    // V8 forgets who answers an `import()` of kept code. What lies elsewhere, as a migration of a test does, comes once.
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
      // It may be a module that does not say so.
      return compileAnew.call(this, content, filename, format);
    }
    // Nothing was kept, or V8 does not take it.
    if (script.cachedDataRejected !== false) compiled.set(name, script);
    const require = (id) => this.require(id);
    require.resolve = (id, options) => Module._resolveFilename(id, this, false, options);
    require.main = process.mainModule;
    require.extensions = Module._extensions;
    require.cache = Module._cache;
    const run = script.runInThisContext();
    return run.call(this.exports, this.exports, require, this, filename, path.dirname(filename));
  };
  // By then V8 knows which functions are needed.
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
    // Somebody else does it right now, or nothing can be kept here.
  }
}
