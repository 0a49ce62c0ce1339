import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { codeOf, identify, isAlive } from '../../server';
import { backupError } from './errors';

const holder = z.object({ id: z.string(), host: z.string(), pid: z.number(), started: z.string().optional() });
type Holder = z.infer<typeof holder>;

const heartbeat = 5_000;
/** A holder on another machine, or in another container, cannot be asked: it is dead when it has not been heard of. */
const patience = 60_000;

/**
 * Runs `work` as the only backup in a folder. A process that was killed leaves nothing behind that stops the next one.
 * @throws Error with code `LOCKED` that says who is at work there.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(folder, '.backup.lock');
  const mine: Holder = { id: randomUUID(), host: hostname(), ...identify(process.pid) };
  await take(file, mine);
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, heartbeat);
  try {
    await removeDrafts(folder, file);
    return await work();
  } finally {
    clearInterval(timer);
    if ((await read(file))?.id === mine.id) await rm(file, { force: true });
  }
}

async function take(file: string, mine: Holder): Promise<void> {
  const draft = `${file}.${mine.id}`;
  // Appears with its whole content or not at all.
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    while (!(await linked(draft, file))) {
      const other = await read(file);
      if (other && !(await isGone(file, draft, other))) throw inUse(file, other);
      if (other && (await replaced(file, other, mine))) return;
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Many may find the same dead holder. Only one of them at a time may take its place, and looks again first: so that right
 * is a lock of its own, named for the dead one, and is broken in the same way when its holder dies as well.
 */
async function replaced(file: string, dead: Holder, mine: Holder): Promise<boolean> {
  const right = `${file}.${dead.id}.break`;
  await take(right, mine);
  try {
    if ((await read(file))?.id !== dead.id) return false;
    const draft = `${file}.${mine.id}.new`;
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
    await rename(draft, file);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    const parsed = holder.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw backupError('LOCKED', `${file} does not say who holds it: remove it when no backup runs.`);
}

/** Removes what processes left that were killed while they took the lock. Only for its holder. */
async function removeDrafts(folder: string, lock: string): Promise<void> {
  const { mtimeMs: now } = await stat(lock);
  for (const name of (await readdir(folder)).filter((name) => name.startsWith(`${path.basename(lock)}.`))) {
    const draft = path.join(folder, name);
    const found = await stat(draft).catch(() => undefined);
    // A younger one may belong to somebody who is just trying.
    if (found && now - found.mtimeMs > patience) await rm(draft, { force: true });
  }
}

/** By the clock of the file system alone: that of another machine may differ. */
async function isGone(file: string, draft: string, other: Holder): Promise<boolean> {
  if (other.host === hostname()) return !isAlive(other);
  const now = new Date();
  await utimes(draft, now, now);
  const [mine, theirs] = await Promise.all([stat(draft), stat(file).catch(() => undefined)]);
  return theirs !== undefined && mine.mtimeMs - theirs.mtimeMs > patience;
}

function inUse(file: string, { host, pid }: Holder): Error {
  const message = `Another backup runs in ${path.dirname(file)}: process ${pid} on ${host}. Wait for it, or choose another folder with --out.`;
  return backupError('LOCKED', message);
}

/** Makes the folder of the backups when there is none yet: for nobody else to look into. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}
