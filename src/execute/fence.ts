import { MongoServerError, type CollectionInfo, type Db } from 'mongodb';
import { isOwnIn, listCollections, readSetAside, uuidsOf, withRetry } from '../database';
import { unauthorized } from '../database/server-errors';
import { decodeClosed, isSetAside, placeholderValidation, setAsideName } from '../schema';
import { dropSetAside, reopen } from './drop-collection';
import { rename, send, type Session } from './session';

/**
 * Does the work of a run whose predecessor lost its lease: a command of that one may still arrive. Meanwhile the names that
 * collections get before they are dropped are taken, so that a late rename fails. At the end these are free again, and
 * collections are open that a late command has closed.
 * @param settle notes that this is done.
 * @see docs/decisions/0013-fences.md
 */
export async function withFence<T>(session: Session, settle: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const retry = { signal: session.ending };
  await withRetry(() => raise(session), retry);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // The run's own error is the one to tell. It may have been refused at once, so the next run guards as well.
    await lower(session).catch(() => undefined);
    throw error;
  }
  await withRetry(() => lower(session), retry);
  await withRetry(settle, retry);
  return result;
}

/** The name is taken already, or this user may not make it: then the run before it could not rename to it either. */
const needless = new Set<unknown>([unauthorized, 48]);

async function raise(session: Session): Promise<void> {
  const found = await listCollections(session.db);
  const names = new Set(found.map(({ name }) => name));
  const wanted = found
    .filter((info) => isDroppable(session.db, info))
    .map(({ name }) => setAsideName(session.db.databaseName, name));
  await Promise.all(
    wanted
      .filter((name) => !names.has(name))
      .map((name) => send(session, { create: name, ...placeholderValidation }).catch(unlessNeedless)),
  );
}

function unlessNeedless(error: unknown): void {
  if (!(error instanceof MongoServerError) || !needless.has(error.code)) throw error;
}

function isDroppable(db: Db, { name, type }: CollectionInfo): boolean {
  return type === 'collection' && !name.startsWith('system.') && !isOwnIn(db, name);
}

async function lower(run: Session): Promise<void> {
  const found = await listCollections(run.db);
  const names = new Set(found.map(({ name }) => name));
  const guard = run.guardToTheEnd ?? run.guard;
  const session: Session = { ...run, guard, uuids: uuidsOf(found) };
  for (const info of found.filter((one) => isDroppable(run.db, one))) {
    const before = decodeClosed(info.options ?? {});
    if (before) await reopen(session, info.name, before).catch(unlessNeedless);
  }
  const setAside = found.map(readSetAside).filter(({ name }) => isSetAside(name));
  for (const { name, was, before } of setAside) {
    if (!before || was === undefined || names.has(was)) continue;
    await rename(session, name, was);
    await reopen(session, was, before);
  }
  // Last, so that no late rename comes in between.
  await Promise.all(setAside.filter(({ isPlaceholder }) => isPlaceholder).map((one) => dropSetAside(session, one)));
}
