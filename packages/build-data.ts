import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { compile } from './compile';
import { checkout } from './manifests';

/** The packages that an application installs itself. Everything else is in the bundle. */
const external = ['mongodb', 'zod'];

/**
 * Builds the package for applications in an empty folder: one CommonJS file, an ESM entry point for it, and their types. An import and a
 * require get the same instance, since the ESM entry point only re-exports the CommonJS file.
 * @param options Whether types were already checked. Checking them takes most of the time.
 * @returns the files in the bundle, relative to the folder of the checkout
 */
export async function buildData(folder: string, { typesAreChecked = false } = {}): Promise<string[]> {
  const dist = path.join(folder, 'dist');
  await mkdir(dist, { recursive: true });
  const [{ code, names, modules }] = await Promise.all([
    bundle(),
    writeTypes(path.join(dist, 'types'), typesAreChecked),
  ]);
  const types = "export * from './types/src/data.js';\n";
  await Promise.all([
    writeFile(path.join(dist, 'index.js'), code),
    writeFile(
      path.join(dist, 'index.mjs'),
      `export {\n${names.map((name) => `  ${name},\n`).join('')}} from './index.js';\n`,
    ),
    writeFile(path.join(dist, 'index.d.ts'), types),
    writeFile(path.join(dist, 'index.d.mts'), types),
    writeFile(path.join(folder, 'THIRD-PARTY-LICENSES.txt'), await licensesOf(modules)),
  ]);
  return modules;
}

async function bundle() {
  // The bundler is ESM, and this file is CommonJS.
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    cwd: checkout,
    input: path.join(checkout, 'src', 'data.ts'),
    external,
    platform: 'node',
    // Without this option, comments contain the path of each module, which differs between machines.
    experimental: { attachDebugInfo: 'none' },
    // The bundle is one file, and loads no other files by path. In an application's ESM bundle, these two variables do not exist.
    transform: { define: { __filename: '"index.js"', __dirname: '"."' } },
  });
  const { output } = await build.generate({ format: 'cjs', exports: 'named' });
  await build.close();
  const [chunk, ...others] = output;
  if (others.length > 0)
    throw new Error(`the bundle has several files: ${output.map(({ fileName }) => fileName).join(', ')}`);
  const modules = chunk.moduleIds.filter((id) => path.isAbsolute(id)).map((id) => path.relative(checkout, id));
  return { code: chunk.code, names: chunk.exports.toSorted(), modules };
}

/** Writes only the declarations that the entry point needs. Other declarations might import packages that an application does not have. */
async function writeTypes(folder: string, areChecked: boolean): Promise<void> {
  const all = await mkdtemp(path.join(tmpdir(), 'types-'));
  try {
    await compile(path.join('packages', 'data'), all, areChecked);
    const wanted = new Set([path.join(all, 'src', 'data.d.ts')]);
    // Iterating over a set also visits items that are added during the loop.
    for (const file of wanted) for (const imported of await importsOf(file)) wanted.add(imported);
    for (const file of wanted) {
      // The compiler writes imports of bson, a dependency of the driver, which an application may not be able to import.
      const text = (await readFile(file, 'utf8')).replaceAll('import("bson")', 'import("mongodb")');
      refuseStrangers(file, text);
      const to = path.join(folder, path.relative(all, file));
      await mkdir(path.dirname(to), { recursive: true });
      await writeFile(to, text);
    }
  } finally {
    await rm(all, { recursive: true, force: true });
  }
}

/** @throws error if a declaration imports a package that an application may not be able to import */
function refuseStrangers(file: string, text: string): void {
  const named = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'".][^'"]*)['"]/g)].map(([, name = '']) => name);
  const strangers = [...new Set(named)].filter((name) => !external.includes(name) && !name.startsWith('node:'));
  if (strangers.length === 0) return;
  throw new Error(
    `${path.basename(file)} imports types from ${strangers.join(', ')}, which an application may lack: define the types in src/ instead`,
  );
}

async function importsOf(file: string): Promise<string[]> {
  const { importedFiles } = ts.preProcessFile(await readFile(file, 'utf8'));
  const names = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
  const found = names.map((name) => {
    const base = path.resolve(path.dirname(file), name);
    return [`${base}.d.ts`, path.join(base, 'index.d.ts')].find((candidate) => ts.sys.fileExists(candidate));
  });
  return found.filter((one) => one !== undefined);
}

/** Returns the licenses of the packages in the bundle. Each license must be shipped with the code of its package. */
async function licensesOf(modules: readonly string[]): Promise<string> {
  const inPackage = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
  const folders = new Set(modules.flatMap((file) => inPackage.exec(file.replaceAll(path.sep, '/'))?.[0] ?? []));
  const texts = [...folders].toSorted().map(async (folder) => {
    const at = path.join(checkout, folder);
    const { name, version } = JSON.parse(await readFile(path.join(at, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    const license = (await readdir(at)).find((file) => /^licen[sc]e/i.test(file));
    if (license === undefined) throw new Error(`${folder} has no license file, which must be shipped with its code`);
    return `${name} ${version}\n\n${(await readFile(path.join(at, license), 'utf8')).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
