import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { executable, hopeless, temporaryFolder } from './fakes';

const SCRIPT = join(__dirname, '..', '..', 'scripts', 'install_tools.sh');
const TOOLS = ['mongodump', 'mongorestore', 'mongoimport'];

async function install(env: NodeJS.ProcessEnv, ...args: string[]) {
  return await execa('bash', [SCRIPT, ...args], { env, extendEnv: false, reject: false });
}

describe('scripts/install_tools.sh', () => {
  test('prints the folder on PATH that holds all three, and nothing else', async () => {
    const { env } = await hopeless();
    const folder = await temporaryFolder();
    for (const tool of TOOLS) await executable(join(folder, tool));
    const result = await install({ ...env, PATH: `${folder}:${env['PATH'] ?? ''}` }, '--check');
    expect(result).toMatchObject({ exitCode: 0, stdout: folder, stderr: '' });
  });

  test('builds them with Go once, the modules read-only, and finds them again', async () => {
    const { env, bin, cache } = await hopeless();
    await executable(join(bin, 'mongodump')); // alone on PATH it is not enough
    await executable(
      join(bin, 'go'),
      '[ "$GOFLAGS" = "-mod=readonly -buildvcs=false" ] || exit 9',
      'while [ "$1" != -o ]; do shift; done',
      'printf "#!/bin/sh\\n" >"$2"; chmod 755 "$2"',
    );
    const first = await install(env);
    expect(first.exitCode).toBe(0);
    expect((await readdir(first.stdout)).sort()).toEqual([...TOOLS].sort());
    expect(await readdir(cache)).toEqual([first.stdout.slice(cache.length + 1)]);
    expect(await install(env, '--check')).toMatchObject({ exitCode: 0, stdout: first.stdout, stderr: '' });
  });

  test('when Go fails it says so with the message of Go, and leaves nothing behind', async () => {
    const { env, bin, cache } = await hopeless();
    await executable(join(bin, 'mongodump'));
    await executable(join(bin, 'go'), "echo 'checksum mismatch' >&2", 'exit 1');
    const result = await install(env);
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/checksum mismatch[^]*Go cannot build mongodump/);
    expect(await readdir(cache)).toEqual([]);
  });
});
