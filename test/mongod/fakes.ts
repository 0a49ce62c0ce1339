import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A temporary folder that goes when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'server-test-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a real executable: a shell script. Returns its path. */
export async function executable(file: string, ...lines: string[]): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
  return file;
}

/** A program that answers --version as a mongod of that version does. */
export async function fakeMongod(file: string, version: string): Promise<string> {
  return executable(file, `echo 'db version v${version}'`, "echo 'Build Info: {}'");
}

/**
 * An environment in which no way leads to a mongod, and none of them reaches the network: a mongod too old on PATH,
 * no download site, an empty cache, a Wine that is there (so that nothing is installed), a python3 without pip.
 */
export async function hopeless(): Promise<{ env: NodeJS.ProcessEnv; bin: string; cache: string }> {
  const folder = await temporaryFolder();
  const bin = join(folder, 'bin');
  const cache = join(folder, 'cache');
  await fakeMongod(join(bin, 'mongod'), '4.4.29');
  await executable(join(bin, 'wine64'), 'exit 1');
  await executable(join(bin, 'python3'), 'exit 1');
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    SENTIMATRIX_CACHE: cache,
    MONGOMS_DOWNLOAD_DIR: join(folder, 'downloads'),
    MONGOMS_DOWNLOAD_MIRROR: 'https://127.0.0.1:9',
  };
  return { env, bin, cache };
}
