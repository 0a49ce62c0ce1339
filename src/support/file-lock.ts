import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { identify, isAlive, processSpace } from './processes';
import { codeOf } from './system-error';

// Libraries for lock files use only the time of the file: after a crash, the next run has to wait until the file is old enough. This lock
// file names the process and its start time, so a crash on this machine is noticed immediately.

const holderShape = z.object({
  id: z.string(),
  host: z.string(),
  /** The machine or container in which the pid is valid; undefined in files of earlier versions. */
  space: z.string().optional(),
  pid: z.number(),
  started: z.string().optional(),
});

/** The process that holds a lock, as the lock file describes it. */
export type Holder = z.infer<typeof holderShape>;

export interface LockOptions<Note extends object> {
  /** Further data in the file, which other processes can read. */
  readonly note: Note;
  readonly noteShape: z.ZodType<Note>;
  /** Called with a holder whose process is dead, before the lock is taken over. */
  readonly onDead?: (holder: Holder & Note) => Promise<void>;
}

export interface FileLock<Note extends object> {
  /** Changes the data in the file. */
  readonly update: (note: Note) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** The lock, or its current holder. The holder is undefined when the lock file does not describe a valid holder. */
export type Taken<Note extends object> =
  { readonly lock: FileLock<Note> } | { readonly holder: (Holder & Note) | undefined };

/** The time after which the holder renews the modification time of the file again, in milliseconds. */
const heartbeat = 5_000;
/** A holder on another machine or in another container counts as dead when it has not renewed the file for this time, in milliseconds. */
const patience = 60_000;

/** Takes the lock of `file`, unless a living process has it. Does not wait. A holder that was killed does not block the next process. */
export async function takeFileLock<Note extends object>(
  file: string,
  options: LockOptions<Note>,
): Promise<Taken<Note>> {
  const me: Holder = { id: randomUUID(), host: hostname(), space: processSpace(), ...identify(process.pid) };
  const other = await take(file, { ...options.note, ...me }, options);
  if (other === 'unreadable') return { holder: undefined };
  if (other !== undefined) return { holder: other };
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, heartbeat).unref();
  await removeDrafts(file).catch(() => undefined);
  const isMine = async () => {
    const holder = await read(file, options.noteShape);
    return typeof holder === 'object' && holder.id === me.id;
  };
  return {
    lock: {
      update: async (note) => {
        if (await isMine()) await replace(file, { ...note, ...me });
      },
      release: async () => {
        clearInterval(timer);
        if (await isMine()) await rm(file, { force: true });
      },
    },
  };
}

type Shape<Note extends object> = Omit<LockOptions<Note>, 'note'>;

/** @returns the other holder of the lock; undefined when `mine` got the lock */
async function take<Note extends object>(
  file: string,
  mine: Holder & Note,
  options: Shape<Note>,
): Promise<(Holder & Note) | 'unreadable' | undefined> {
  const draft = `${file}.${mine.id}`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    while (!(await linked(draft, file))) {
      const other = await read(file, options.noteShape);
      // The lock was released in between, so try again.
      if (other === 'absent') continue;
      if (other === 'unreadable' || !(await isGone(file, draft, other))) return other;
      await options.onDead?.(other);
      const outcome = await takeOver(file, other, mine, options);
      if (outcome === 'taken') return undefined;
      if (outcome !== 'changed') return outcome;
    }
    return undefined;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Creates the file with its whole content in one step. Never overwrites an existing file. */
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
 * Replaces a dead holder. Several processes may find the same dead holder, so only one process at a time may replace this holder, after a
 * second check. A second lock, named after the dead holder, decides which process may replace the dead holder. If the holder of the second
 * lock dies too, that holder is replaced in the same way.
 */
async function takeOver<Note extends object>(
  file: string,
  dead: Holder,
  mine: Holder & Note,
  { noteShape }: Shape<Note>,
): Promise<'taken' | 'changed' | 'unreadable' | (Holder & Note)> {
  const right = `${file}.${dead.id}.break`;
  const other = await take(right, mine, { noteShape });
  if (other !== undefined) return other;
  try {
    const now = await read(file, noteShape);
    if (typeof now === 'string' || now.id !== dead.id) return 'changed';
    await replace(file, mine);
    return 'taken';
  } finally {
    await rm(right, { force: true });
  }
}

async function replace(file: string, mine: Holder): Promise<void> {
  const draft = `${file}.${mine.id}.new`;
  await writeFile(draft, JSON.stringify(mine));
  await rename(draft, file);
}

async function read<Note extends object>(
  file: string,
  noteShape: z.ZodType<Note>,
): Promise<(Holder & Note) | 'absent' | 'unreadable'> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    const [holder, note] = [holderShape.safeParse(content), noteShape.safeParse(content)];
    return holder.success && note.success ? { ...note.data, ...holder.data } : 'unreadable';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent';
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}

/** Removes the drafts of processes that were killed while they took the lock. Only the holder of the lock may call this function. */
async function removeDrafts(file: string): Promise<void> {
  const folder = path.dirname(file);
  const { mtimeMs: now } = await stat(file);
  for (const name of (await readdir(folder)).filter((name) => name.startsWith(`${path.basename(file)}.`))) {
    const draft = path.join(folder, name);
    const found = await stat(draft).catch(() => undefined);
    // A newer draft may belong to a process that is trying to take the lock.
    if (found && now - found.mtimeMs > patience) await rm(draft, { force: true });
  }
}

/** Returns whether the holder is dead. Compares only times of the file system, because the clock of another machine may differ. */
async function isGone(file: string, draft: string, other: Holder): Promise<boolean> {
  if (other.space === processSpace()) return !isAlive(other);
  const now = new Date();
  await utimes(draft, now, now);
  const [mine, theirs] = await Promise.all([stat(draft), stat(file).catch(() => undefined)]);
  return theirs !== undefined && mine.mtimeMs - theirs.mtimeMs > patience;
}
