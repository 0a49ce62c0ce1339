import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { identify, isAlive, processSpace } from './processes';
import { codeOf } from './system-error';

// Libraries of this kind go by the time of the file alone: after a crash the next run has to wait until it is old enough.
// Here the file names a process with the time it started, so a crash on this machine is seen at once.

const holderShape = z.object({
  id: z.string(),
  host: z.string(),
  /** Where the pid means this process; absent in files of earlier versions. */
  space: z.string().optional(),
  pid: z.number(),
  started: z.string().optional(),
});

/** The process that holds a lock, as its file names it. */
export type Holder = z.infer<typeof holderShape>;

export interface LockOptions<Note extends object> {
  /** What the file says beside its holder, for others to read. */
  readonly note: Note;
  readonly noteShape: z.ZodType<Note>;
  /** Called with a holder that is dead, before the lock is taken from it. */
  readonly onDead?: (holder: Holder & Note) => Promise<void>;
}

export interface FileLock<Note extends object> {
  /** Changes what the file says for others. */
  readonly update: (note: Note) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** The lock; or who has it, undefined where the file does not say. */
export type Taken<Note extends object> =
  { readonly lock: FileLock<Note> } | { readonly holder: (Holder & Note) | undefined };

/** Milliseconds. */
const heartbeat = 5_000;
/** Milliseconds. A holder on another machine, or in another container, cannot be asked: it is dead after such a silence. */
const patience = 60_000;

/**
 * Takes the lock that `file` stands for, unless somebody alive has it. It does not wait. A holder that was killed leaves
 * nothing behind that stops the next one.
 */
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

/** @returns who else holds the lock; undefined once `mine` does */
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
      // It was released in between.
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

/** The file appears with its whole content or not at all, and never over another one. */
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
 * is a lock of its own, named for the dead one, and is taken over in the same way when its holder dies as well.
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

/** Removes what processes left that were killed while they took the lock. Only for its holder. */
async function removeDrafts(file: string): Promise<void> {
  const folder = path.dirname(file);
  const { mtimeMs: now } = await stat(file);
  for (const name of (await readdir(folder)).filter((name) => name.startsWith(`${path.basename(file)}.`))) {
    const draft = path.join(folder, name);
    const found = await stat(draft).catch(() => undefined);
    // A younger one may belong to somebody who is just trying.
    if (found && now - found.mtimeMs > patience) await rm(draft, { force: true });
  }
}

/** By the clock of the file system alone: that of another machine may differ. */
async function isGone(file: string, draft: string, other: Holder): Promise<boolean> {
  if (other.space === processSpace()) return !isAlive(other);
  const now = new Date();
  await utimes(draft, now, now);
  const [mine, theirs] = await Promise.all([stat(draft), stat(file).catch(() => undefined)]);
  return theirs !== undefined && mine.mtimeMs - theirs.mtimeMs > patience;
}
