import { MongoServerError, type CollectionInfo, type Db } from 'mongodb';
import { isOwnIn, listCollections, readSetAside, uuidsOf, withRetry } from '../database';
import { unauthorized } from '../database/server-errors';
import { decodeClosed, isSetAside, placeholderValidation, setAsideName } from '../schema';
import { dropSetAside, reopen } from './drop-collection';
import { rename, send, type Session } from './session';

/**
 * Runs the work while late commands of an earlier run are blocked. That run lost its lease, so one of its commands may still arrive at the
 * server. Placeholders (empty collections) take the temporary names for dropped collections, so that a late rename fails. At the end the
 * placeholders are removed, and collections that a late command has closed are opened.
 * @param settle records that no late command can arrive any more.
 * @see docs/decisions/0013-fences.md
 */
export async function withFence<T>(session: Session, settle: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const retry = { signal: session.ending };
  await withRetry(() => raise(session), retry);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    // The error of the work matters more than an error of the cleanup, which is ignored. The cleanup may have failed, so the next run
    // blocks late commands again.
    await lower(session).catch(() => undefined);
    throw error;
  }
  await withRetry(() => lower(session), retry);
  await withRetry(settle, retry);
  return result;
}

/**
 * Errors that make a placeholder unnecessary: the name is taken, or this user may not create the placeholder. In both cases, the earlier
 * run could not rename a collection to this name either.
 */
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
  // Remove the placeholders last, so that no late rename can succeed in between.
  await Promise.all(setAside.filter(({ isPlaceholder }) => isPlaceholder).map((one) => dropSetAside(session, one)));
}
