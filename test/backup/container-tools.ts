import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withDatabase, type TestDatabase } from '../support/database';
import { findTools } from '../../src/backup/tools';
import { backupOf, hashOf, restoreInto, script, scripts, temporaryFolder } from './support';

interface Extent {
  /** What names a server to verify_backup.sh that is not the container's: none is one that is started for a trial. */
  readonly elsewhere: readonly (readonly string[])[];
}

/** To be called in a file. */
export function testContainerTools(source: TestDatabase, { elsewhere }: Extent): void {
  describe('Without mongodump on PATH', () => {
    it("uses that of the database's container; the connection string goes through its input", async () => {
      const { folder, env } = await withContainer();
      const taken = await script('backup_db.sh', ['--out', folder, '--json'], {
        env: { ...env, MONGODB_DATABASE: source.name },
      });
      expect(taken.exitCode, taken.stderr).toBe(0);
      const { file } = JSON.parse(taken.stdout) as { file: string };
      const calls = await readFile(path.join(folder, 'bin', 'calls'), 'utf8');
      expect(calls).toContain('mongodump --archive');
      expect(calls).not.toContain('mongodb://');
      await withDatabase(async (target) => {
        const restored = await script('restore_db.sh', [file, '--database', target.name], { env });
        expect(restored.exitCode, restored.stderr).toBe(0);
        expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
      });
    });

    it.each(elsewhere.map((args) => [args]))(
      "says what to install for a server that is not the container's: %j",
      async (args) => {
        const { folder, env } = await withDocker('echo true');
        const { file } = await backupOf(source.name, folder);
        const refused = await script('verify_backup.sh', [...args, file], { env });
        expect(refused).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('install_tools.sh') as string });
      },
    );

    it('says what to install where no such container runs', async () => {
      const { folder, env } = await withDocker('exit 1');
      const { exitCode, stderr } = await script('backup_db.sh', ['--out', folder], {
        env: { ...env, MONGODB_DATABASE: source.name },
      });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 64,
        stderr: expect.stringMatching(/install the MongoDB Database Tools, or run scripts\/install_tools/) as string,
      });
    });
  });
}

/** The same without starting a process of the tool: to be called in a file. */
export function testContainerHere(source: TestDatabase): void {
  describe('Without mongodump on PATH', () => {
    it("uses that of the database's container; the connection string goes through its input", async () => {
      const { folder, env } = await withContainer();
      // The children of this process get its environment.
      const earlier = { ...process.env };
      Object.assign(process.env, env);
      onTestFinished(() => {
        process.env['PATH'] = earlier['PATH'];
        delete process.env['SENTIMATRIX_CACHE'];
        if (earlier['SENTIMATRIX_CACHE'] !== undefined) process.env['SENTIMATRIX_CACHE'] = earlier['SENTIMATRIX_CACHE'];
      });
      const container = 'sentimatrix-mongodb';
      const { file } = await backupOf(source.name, folder, { container });
      const calls = await readFile(path.join(folder, 'bin', 'calls'), 'utf8');
      expect(calls).toContain('mongodump --archive');
      expect(calls).not.toContain('mongodb://');
      await withDatabase(async (target) => {
        await restoreInto(target.name, file, { container });
        expect(await hashOf(target.db)).toEqual(await hashOf(source.db));
      });
      const elsewhere = findTools({ url: 'mongodb://db.example.com', container });
      const fix = expect.stringContaining('install_tools') as string;
      await expect(elsewhere).rejects.toMatchObject({ code: 'USAGE', fix });
      await expect(findTools({ url: source.url })).rejects.toMatchObject({ code: 'USAGE', fix });
    });
  });
}

/** A `docker` as the engine has it: the tools are found only inside. */
async function withContainer() {
  const tools = (await execa(path.join(scripts, 'install_tools.sh'), ['--check'])).stdout;
  return withDocker(
    `printf '%s\\n' "$*" >>"$(dirname "$0")/calls"`,
    '[ "$1" != inspect ] || { echo true; exit; }',
    '[ "$1 $2 $3" = "exec -i sentimatrix-mongodb" ] || exit 9',
    `shift 3; PATH='${tools}':$PATH exec "$@"`,
  );
}

/** An environment with node, a `docker` that does this, and no tool of MongoDB. */
async function withDocker(...lines: string[]) {
  const folder = await temporaryFolder();
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'docker'), ['#!/bin/bash', ...lines].join('\n'), { mode: 0o755 });
  const env = {
    PATH: `${bin}:${path.dirname(process.execPath)}:/usr/bin:/bin`,
    SENTIMATRIX_CACHE: path.join(folder, 'none'),
  };
  return { folder, env };
}
