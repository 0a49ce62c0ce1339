import { chmod, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../support/project-folder';

const script = path.join(projectFolder, 'docker', 'backup-daily.sh');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'backup-daily-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What a backup does here that was verified. */
const verified = `: >"$BACKUP_DIR/shop_20260101_000000.tar.gz.verified.json"`;

/** Puts a command `schema` in front of all others, whose work it is not to back up here: the clock and signals are tested. */
async function withSchema(text: string): Promise<void> {
  await writeFile(path.join(folder, 'schema'), `#!/bin/sh\necho "$*" >>'${folder}/called'\n${text}\n`);
  await chmod(path.join(folder, 'schema'), 0o755);
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const PATH = `${folder}:${process.env['PATH'] ?? ''}`;
  const child = execa('sh', [script, ...args], {
    env: { PATH, BACKUP_DIR: folder, ...env },
    extendEnv: false,
    reject: false,
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    ended: child,
    says: (text: RegExp) => expect.poll(() => stderr, { timeout: 50_000, interval: 50 }).toMatch(text),
    stop: () => child.kill('SIGTERM'),
  };
}

const called = () => readFile(path.join(folder, 'called'), 'utf8');
const check = async () => (await start(['--check']).ended).exitCode;

describe('The daily backup', () => {
  it('verifies each backup, waits for the next, and ends at SIGTERM', async () => {
    await withSchema(verified);
    const run = start(['--now'], { BACKUP_RETENTION_DAYS: '30' });
    await run.says(/next backup in \d+ minutes, at 02:30 UTC/);
    expect(await called()).toBe(`backup --out ${folder} --retention 30 --verify\n`);
    expect(await check()).toBe(0);
    run.stop();
    expect((await run.ended).exitCode).toBe(143);
  });

  it('goes on after one that failed, and is unhealthy until one succeeds, from the first day', async () => {
    expect(await check()).toBe(1);
    await withSchema('exit 1');
    const run = start([]);
    await run.says(/the backup failed with exit code 1\n.*next backup in/);
    expect(await check()).toBe(1);
    run.stop();
    await run.ended;
    await withSchema(verified);
    const next = start([]);
    await next.says(/next backup in/);
    expect(await check()).toBe(0);
    next.stop();
    await next.ended;
  });

  it('is as healthy as its newest verified backup is young, whatever became of a run', async () => {
    await withSchema('exit 1');
    const note = path.join(folder, 'shop_20260101_000000.tar.gz.verified.json');
    const aged = async (hours: number) => {
      await writeFile(note, '{}');
      const time = new Date(Date.now() - hours * 3_600_000);
      await utimes(note, time, time);
    };
    await writeFile(path.join(folder, '.shop_20260101_000000.tar.gz.verified.json.partial'), '{}');
    await writeFile(path.join(folder, 'shop_20260101_000000.tar.gz'), 'not verified');
    expect(await check()).toBe(1);
    await aged(25);
    expect(await check()).toBe(0);
    // One that is young needs no other at once.
    const run = start([]);
    await run.says(/next backup in/);
    expect(await readdir(folder)).not.toContain('called');
    run.stop();
    await run.ended;
    await aged(27);
    expect(await check()).toBe(1);
    expect((await start(['--check'], { BACKUP_MAX_AGE_HOURS: '28' }).ended).exitCode).toBe(0);
  });

  it('stops a backup that is running', async () => {
    await withSchema(
      `trap 'echo stopped >>"${folder}/called"; exit 1' TERM; echo begun >&2; while :; do sleep 0.1; done`,
    );
    const run = start(['--now']);
    await run.says(/begun/);
    run.stop();
    expect((await run.ended).exitCode).toBe(143);
    expect(await called()).toMatch(/stopped\n$/);
  });

  it.each(['00:00', '08:09', '23:59'])('is due within a day, at %s', async (at) => {
    const run = start([], { BACKUP_AT: at });
    await run.says(/next backup in \d+ minutes/);
    run.stop();
    const minutes = Number(/in (\d+) minutes/.exec((await run.ended).stderr)?.[1]);
    const [hour = 0, minute = 0] = at.split(':').map(Number);
    const now = new Date();
    const due = (hour * 60 + minute - now.getUTCHours() * 60 - now.getUTCMinutes() + 1440) % 1440;
    expect(Math.min(Math.abs(minutes - due), 1440 - Math.abs(minutes - due))).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ BACKUP_AT: '2:30' }, 64, "BACKUP_AT is '2:30', but must be a time of day (UTC), such as 02:30"],
    [{ BACKUP_AT: '24:00' }, 64, "BACKUP_AT is '24:00', but must be a time of day (UTC), such as 02:30"],
    [{ BACKUP_MAX_AGE_HOURS: '1d' }, 64, "BACKUP_MAX_AGE_HOURS is '1d', but must be a number of hours, such as 26"],
    [{ BACKUP_DIR: '/nowhere' }, 1, 'cannot write to /nowhere: create the folder, and run as its owner'],
  ])('refuses %j', async (env, code, message) => {
    const { exitCode, stderr } = await start([], env).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringContaining(message) as string });
  });
});
