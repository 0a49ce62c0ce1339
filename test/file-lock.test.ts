import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { takeFileLock, type FileLock, type Taken } from '../src/support/file-lock';
import { identify, processSpace } from '../src/support/processes';
import { projectFolder } from './support/project-folder';
import { typeScript } from './support/type-script';

interface Note {
  readonly name: string;
}
const noteShape = z.object({ name: z.string() });
const take = (file: string, name = 'me') => takeFileLock<Note>(file, { note: { name }, noteShape });

/** Above every kernel's highest pid. */
const deadPid = 999_999_999;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** A lock's file in a folder of its own, with what an earlier run wrote there. */
async function lockFile(content?: object | string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'file-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'lock');
  if (typeof content === 'string') await writeFile(file, content);
  else if (content) {
    await writeFile(
      file,
      JSON.stringify({ id: 'earlier', host: hostname(), space: processSpace(), name: 'earlier', ...content }),
    );
  }
  return file;
}

function lockOf(taken: Taken<Note>): FileLock<Note> {
  if (!('lock' in taken)) throw new Error(`held by ${JSON.stringify(taken.holder)}`);
  return taken.lock;
}

/** Another process that takes the lock and keeps it. */
async function holderOf(file: string) {
  const program = `
    const { z } = require('zod');
    const { takeFileLock } = require('./src/support/file-lock');
    takeFileLock(process.argv[1], { note: { name: 'other' }, noteShape: z.object({ name: z.string() }) })
      .then((taken) => { console.log('lock' in taken); setInterval(() => {}, 1000); });`;
  const child = execa(process.execPath, [...typeScript, '-e', program, file], { cwd: projectFolder, reject: false });
  onTestFinished(() => void child.kill('SIGKILL'));
  expect(String((await once(child.stdout, 'data'))[0])).toBe('true\n');
  // A promise of the child itself would wait for its end.
  return { child };
}

it('A holder in another container of the same host name is alive, though no process here has its pid', async () => {
  const space = `${processSpace()} in another PID namespace`;
  const file = await lockFile({ pid: deadPid, space });
  expect(await take(file)).toMatchObject({ holder: { name: 'earlier' } });
  // Nothing was heard of it for too long.
  await utimes(file, minutesAgo(2), minutesAgo(2));
  await lockOf(await take(file)).release();
});

it('A lock that is held is refused with its holder and what that says, and free once it is released', async () => {
  const file = await lockFile();
  const lock = lockOf(await take(file));
  expect(await take(file)).toMatchObject({ holder: { name: 'me', host: hostname(), ...identify(process.pid) } });
  await lock.update({ name: 'me, further on' });
  expect(await take(file)).toMatchObject({ holder: { name: 'me, further on' } });
  await lock.release();
  await lockOf(await take(file)).release();
  expect(await readdir(path.dirname(file))).toEqual([]);
});

it('A living holder keeps its lock; after its crash the next one gets it at once', async () => {
  const file = await lockFile();
  const { child } = await holderOf(file);
  expect(await take(file)).toMatchObject({ holder: { pid: child.pid, name: 'other' } });
  child.kill('SIGKILL');
  await child;
  const dead: unknown[] = [];
  const onDead = (holder: unknown) => Promise.resolve(void dead.push(holder));
  const lock = lockOf(await takeFileLock<Note>(file, { note: { name: 'next' }, noteShape, onDead }));
  expect(dead).toMatchObject([{ pid: child.pid, name: 'other' }]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ name: 'next', pid: process.pid });
  await lock.release();
  expect(await readdir(path.dirname(file))).toEqual([]);
});

it.runIf(process.platform === 'linux')('A pid that another program has by now is no holder', async () => {
  const file = await lockFile({ pid: process.pid, started: '1' });
  lockOf(await take(file));
});

it.each([
  ['a free lock', undefined],
  ['the lock of a dead process', { pid: deadPid }],
])('Of many that want %s at once one gets it', async (_, content) => {
  for (let round = 0; round < 10; round++) {
    const file = await lockFile(content);
    const all = await Promise.all(Array.from({ length: 8 }, () => take(file)));
    const locks = all.flatMap((taken) => ('lock' in taken ? [taken.lock] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
    expect(await readdir(path.dirname(file))).toEqual([]);
  }
});

it('One that died while it took over the lock of a dead process stops nobody', async () => {
  const file = await lockFile({ pid: deadPid });
  const breaker = { id: 'breaker', host: hostname(), space: processSpace(), pid: deadPid, name: 'breaker' };
  await writeFile(`${file}.earlier.break`, JSON.stringify(breaker));
  await lockOf(await take(file)).release();
  expect(await readdir(path.dirname(file))).toEqual([]);
});

it.each([
  ['no JSON', '{'],
  ['JSON of another kind', '{"pid":1}'],
])('A file that holds %s stays, and has a holder that is not known', async (_, content) => {
  const file = await lockFile(content);
  expect(await take(file)).toEqual({ holder: undefined });
  expect(await readFile(file, 'utf8')).toBe(content);
});

it('A holder on another machine is respected until it has not been heard of for a minute', async () => {
  const file = await lockFile({ host: 'elsewhere', space: 'elsewhere', pid: 1 });
  expect(await take(file)).toMatchObject({ holder: { host: 'elsewhere' } });
  await utimes(file, minutesAgo(2), minutesAgo(2));
  lockOf(await take(file));
});

it('A lock that somebody else has by now is neither changed nor released', async () => {
  const file = await lockFile();
  const lock = lockOf(await take(file));
  const theirs = JSON.stringify({ id: 'theirs', host: 'elsewhere', pid: 1, name: 'theirs' });
  await writeFile(file, theirs);
  await lock.update({ name: 'late' });
  await lock.release();
  expect(await readFile(file, 'utf8')).toBe(theirs);
});

it('What others left that were killed while they took the lock is removed, unless it is young', async () => {
  const file = await lockFile();
  await writeFile(`${file}.old`, '');
  await utimes(`${file}.old`, minutesAgo(2), minutesAgo(2));
  await writeFile(`${file}.young`, '');
  await lockOf(await take(file)).release();
  expect(await readdir(path.dirname(file))).toEqual(['lock.young']);
});
