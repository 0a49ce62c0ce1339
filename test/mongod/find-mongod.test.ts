import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { findMongod } from '../../src/mongod';
import type { SchemaError } from '../../src/support/schema-error';
import { executable, fakeMongod, hopeless, temporaryFolder } from './fakes';

/** The library that downloads looks at the process's own environment for its cache. */
beforeEach(async () => {
  const folder = await temporaryFolder();
  vi.stubEnv('HOME', folder);
  vi.stubEnv('MONGOMS_DOWNLOAD_DIR', folder);
  return () => vi.unstubAllEnvs();
});

const report = (): void => undefined;

describe('finding a mongod', () => {
  test('takes a mongod 7.x on PATH before anything else', async () => {
    const { env, bin, cache } = await hopeless();
    const path = await fakeMongod(join(bin, 'mongod'), '7.0.5');
    await fakeMongod(join(cache, 'mongod-7.0.28', 'mongod'), '7.0.28');
    expect(await findMongod({ env, report })).toEqual({ path, version: '7.0.5', how: 'PATH' });
  });

  test('takes what MONGOD names before PATH', async () => {
    const { env, bin } = await hopeless();
    await fakeMongod(join(bin, 'mongod'), '7.0.5');
    const path = await fakeMongod(join(await temporaryFolder(), 'my-mongod'), '7.0.14');
    expect(await findMongod({ env: { ...env, MONGOD: path }, report })).toEqual({
      path,
      version: '7.0.14',
      how: 'MONGOD',
    });
  });

  test('refuses a MONGOD that is no 7.x, with the reason, and does not pass it over', async () => {
    const { env, bin } = await hopeless();
    await fakeMongod(join(bin, 'mongod'), '7.0.5');
    const old = await fakeMongod(join(await temporaryFolder(), 'old'), '4.4.29');
    await expect(findMongod({ env: { ...env, MONGOD: old }, report })).rejects.toMatchObject({
      code: 'NO_SERVER',
      why: [`MONGOD: ${old} is version 4.4.29, but 7.x is needed`],
    });
  });

  test('says why a MONGOD cannot be asked', async () => {
    const silent = await executable(join(await temporaryFolder(), 'silent'), "echo 'no such library' >&2", 'exit 127');
    await expect(findMongod({ env: { MONGOD: silent }, report })).rejects.toThrow(/prints no version: no such library/);
    await expect(findMongod({ env: { MONGOD: '/nowhere/mongod' }, report })).rejects.toThrow(/cannot be run: .*ENOENT/);
  });

  test('passes over an old one on PATH and takes what the script installed earlier, without any download', async () => {
    const { env, cache } = await hopeless();
    const path = await fakeMongod(join(cache, 'mongod-7.0.28', 'mongod'), '7.0.28');
    const lines: string[] = [];
    const mongod = await findMongod({ env, report: (line) => lines.push(line) });
    expect(mongod).toEqual({ path, version: '7.0.28', how: 'from package registries' });
    expect(lines).toEqual([]);
  });

  test('lists each source, why it failed, and what to do', async () => {
    const { env, bin } = await hopeless();
    const error: unknown = await findMongod({ env: { ...env, CI: 'true' }, report }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'NO_SERVER', summary: 'No mongod was found' });
    const { why, fix } = error as SchemaError;
    expect(why).toEqual([
      `mongod on PATH: ${join(bin, 'mongod')} is version 4.4.29, but 7.x is needed`,
      expect.stringMatching(/^download of mongod 7\.0\.28: .+/),
      expect.stringMatching(/^mongod 7\.0\.28 from package registries: .+/),
      'mongod 6.0.5 from package registries: CI accepts 7.0 only (CI is set)',
    ]);
    expect(fix?.split('\n')).toEqual([
      expect.stringContaining('MONGODB_URL'),
      expect.stringContaining('MONGOD '),
      expect.stringContaining('scripts/install_mongod.sh'),
    ]);
  });

  test('takes 6.0 last, with a warning that names the difference', async () => {
    const { env, cache } = await hopeless();
    const path = await fakeMongod(join(cache, 'mongod-6.0.5', 'mongod'), '6.0.5');
    const lines: string[] = [];
    const mongod = await findMongod({ env, report: (line) => lines.push(line) });
    expect(mongod).toMatchObject({ path, version: '6.0.5' });
    expect(lines.join('\n')).toMatch(/warning: this is mongod 6\.0\.5, but the schema is made for 7\.0/);
  });
});
