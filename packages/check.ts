import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkout, pythonVersion, readCheckout } from './manifests';
import { stageData } from './stage';
import { pack, problemsOf } from './tarball';

/** The maximum unpacked size of the package for applications, in bytes. */
const largest = 1_000_000;

/** Code that an application does not need, and that would make the package large and slow to load. */
const heavy =
  /^(?:migrations\/.*\.ts|seeders\/|src\/(?:author|backup|cli|deploy|doctor|execute|mongod|review|watch)\/|src\/schema\/(?!own-collections)|src\/migration\/(?!name)|src\/project\/(?!find))/;

/** The packages that parse the connection string. The driver has them too, but an application may not be able to import them. */
const bundled = ['mongodb-connection-string-url', 'punycode', 'tr46', 'webidl-conversions', 'whatwg-url'];

/**
 * `npm run check:packages`: checks the package for applications as it would be packed. `npm run check:types`
 * checks its types. The deep tests check both packages, and install them.
 */
async function main(): Promise<void> {
  const problems = [...versionProblems()];
  const work = await mkdtemp(path.join(tmpdir(), 'packages-'));
  try {
    const [folder, tarballs] = [path.join(work, 'data'), path.join(work, 'tarballs')];
    for (const one of [folder, tarballs]) await mkdir(one);
    const staged = await stageData(folder, { typesAreChecked: true });
    problems.push(...moduleProblems(staged.modules));
    const { filename, unpackedSize } = await pack(staged, tarballs);
    if (unpackedSize > largest) problems.push(`${filename} unpacks to ${unpackedSize} bytes; the limit is ${largest}`);
    const found = await problemsOf(path.join(tarballs, filename));
    if (found !== undefined) problems.push(found);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  if (problems.length === 0) return;
  console.error(problems.join('\n'));
  process.exitCode = 2;
}

function moduleProblems(modules: readonly string[]): string[] {
  const stranger = (file: string) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  const isWrong = (file: string) => {
    const name = stranger(file);
    return name === undefined ? heavy.test(file) : !bundled.includes(name);
  };
  const fix = 'import from the single file that is needed, not from the index.ts of its folder';
  return modules.filter(isWrong).map((file) => `the package for applications would load ${file}: ${fix}`);
}

/** All packages must have the same version. */
function versionProblems(): string[] {
  const { version } = readCheckout();
  const python = readFileSync(path.join(checkout, 'python', 'pyproject.toml'), 'utf8');
  const other = pythonVersion(python) ?? 'none';
  if (other === version) return [];
  return [`python/pyproject.toml has version ${other}, but package.json has ${version}: make them equal`];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
