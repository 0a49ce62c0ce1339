import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from '../../../packages/tarball';
import { useDatabase } from '../../support/database';
import { deployProduct, productMigrations } from '../../support/product';
import { serverEnvironment } from '../../support/schema-command';
import { consumer, countModules } from './consumer';
import { emptyFolder, Installed, packClone, pinned, removeFolders, sumsOf, type PackedClone } from './packed';

const database = useDatabase();
const env = () => serverEnvironment(database.name);
let packed: PackedClone;
let esm: Installed;
let commonjs: Installed;
const data = () => packed.tarballs['sentimatrix-schema'] ?? '';

beforeAll(async () => {
  packed = await packClone();
  const types = pinned('@types/node');
  esm = await Installed.make([data(), pinned('mongodb'), types], 'module');
  // The oldest driver that the package allows beside it.
  commonjs = await Installed.make([data(), 'mongodb@7.0.0', types], 'commonjs');
}, 600_000);
afterAll(removeFolders);

/** What the program finds in a database that has every migration but the last. */
const expected = {
  code: 'USAGE',
  user: 'ada@example.com',
  isRefused: 121,
  health: { status: 'connected', pending: 1 },
  probe: 503,
  plugin: 'function',
};

/** A database of which the last migration is pending: so it is known that the package knows its name. */
async function prepare(): Promise<void> {
  await database.db.dropDatabase();
  await deployProduct(database);
  const newest = productMigrations().at(-1)?.name;
  const { deletedCount } = await database.db.collection('changelog').deleteOne({ fileName: newest });
  expect(deletedCount).toBe(1);
}

async function expectToWork(project: Installed, file: string): Promise<void> {
  await prepare();
  const { exitCode, stdout, stderr } = await project.run('node', [file], env());
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual(expected);
}

describe('Two clones of the checkout', () => {
  it('pack the same bytes', async () => {
    expect((await packClone()).sums).toEqual(packed.sums);
    console.log(
      Object.entries(packed.sums)
        .map(([name, sum]) => `${name}  sha256 ${sum}`)
        .join('\n'),
    );
  });
});

describe('A checkout that does not compile', () => {
  const run = (...args: string[]) => execa('npm', ['run', '--silent', ...args], { cwd: packed.clone, reject: false });

  it('leaves what was built and packed before, and adds nothing', async () => {
    expect((await run('build')).exitCode).toBe(0);
    const files = () => readdir(packed.clone);
    const [before, sums] = [await files(), await sumsOf(packed.clone)];
    const broken = path.join(packed.clone, 'src', 'data.ts');
    await appendFile(broken, "export const broken: number = 'text';\n");
    for (const name of ['build', 'pack']) {
      const { exitCode, stderr } = await run(name);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('error TS2322') as string });
    }
    expect(await files()).toEqual(before);
    expect(await sumsOf(packed.clone)).toEqual(sums);
  });

  it('is no package itself: `npm pack` says what to type', async () => {
    const { exitCode, stderr } = await execa('npm', ['pack'], { cwd: packed.clone, reject: false });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The checkout is no package. Make both with: npm run pack');
  });
});

describe('Both packages', () => {
  it.each(['sentimatrix-schema', 'sentimatrix-schema-tool'])(
    '%s: publint and Are The Types Wrong find nothing',
    async (name) => {
      expect(await problemsOf(packed.tarballs[name] ?? '')).toBeUndefined();
    },
  );
});

describe('The package for applications', () => {
  it('brings zod, and nothing else beside the driver', async () => {
    const ofDriver = ['@mongodb-js', 'bson', 'memory-pager', 'mongodb', 'mongodb-connection-string-url', 'punycode'];
    const further = ['sparse-bitfield', 'tr46', 'webidl-conversions', 'whatwg-url'];
    const ofTypes = ['@types', 'undici-types'];
    expect(await esm.packages()).toEqual([...ofDriver, ...further, ...ofTypes, 'sentimatrix-schema', 'zod'].sort());
  });

  it('is small, and loads little to connect', async () => {
    const unpacked = path.join(esm.folder, 'node_modules', 'sentimatrix-schema');
    const { stdout: size } = await esm.run('du', ['--apparent-size', '--bytes', '--summarize', unpacked]);
    await commonjs.write('count.js', countModules);
    const counted = await commonjs.run('node', ['count.js'], env());
    const counts = JSON.parse(counted.stdout) as Record<string, number>;
    const sum = (names: readonly string[]) => names.reduce((total, name) => total + (counts[name] ?? 0), 0);
    const all = sum(Object.keys(counts));
    const others = all - sum(['mongodb', 'zod']);
    const tarball = await stat(data());
    console.log(
      `sentimatrix-schema: ${tarball.size} bytes packed, ${Number.parseInt(size)} unpacked; connect loads ${all} modules, ` +
        `${others} of them neither mongodb's nor zod's: ${JSON.stringify(counts)}`,
    );
    expect(Number.parseInt(size)).toBeLessThan(1_000_000);
    expect(others).toBeLessThan(60);
    expect(counts['sentimatrix-schema']).toBe(1);
  });

  it('works in ESM, with types that compile without skipLibCheck', async () => {
    await esm.write('consumer.ts', consumer);
    expect(await esm.compile()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await expectToWork(esm, 'consumer.js');
  });

  it('works in CommonJS, likewise, with the oldest driver that it takes', async () => {
    await commonjs.write('consumer.ts', consumer);
    expect(await commonjs.compile()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await expectToWork(commonjs, 'consumer.js');
  });

  it.each(['esm', 'cjs'] as const)('works in a bundle (%s), which needs nothing beside it', async (format) => {
    const { rolldown } = await import('rolldown');
    const build = await rolldown({
      cwd: esm.folder,
      input: path.join(esm.folder, 'consumer.js'),
      platform: 'node',
      // What the driver would use if it were there.
      external:
        /^(?:kerberos|snappy|socks|aws4|gcp-metadata|mongodb-client-encryption|@mongodb-js\/zstd|@aws-sdk\/.*)$/,
    });
    const folder = await emptyFolder();
    const file = path.join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
    await mkdir(folder, { recursive: true });
    await build.write({ file, format });
    await build.close();
    await expectToWork(esm, file);
  });

  it('is one instance for `import` and `require`', async () => {
    await esm.write(
      'both.js',
      `import { createRequire } from 'node:module';
      import * as imported from 'sentimatrix-schema';
      const required = createRequire(import.meta.url)('sentimatrix-schema');
      const names = Object.keys(required);
      const different = names.filter((name) => imported[name] !== required[name]);
      console.log(JSON.stringify({ different, missing: Object.keys(imported).length - names.length }));`,
    );
    const { stdout } = await esm.run('node', ['both.js']);
    expect(JSON.parse(stdout)).toEqual({ different: [], missing: 0 });
  });
});
