import { unauthorized } from '../database/server-errors';
import { ReadPreference, type Db } from 'mongodb';
// Imports the file, not the index of the folder, because applications load this code.
import { readAppliedNames } from '../history/changelog';
import { isHalfRestored } from '../history/unfinished-restore';
import { reasonOf } from './reasons';

/**
 * The health of a database, in a form that any client may see: it contains no host, user or data.
 * @category Health
 */
export interface Health {
  /**
   * - `connected`: a writable server answers
   * - `read_only`: a server answers, but the replica set has no writable primary
   * - `disconnected`: no server answers in time, or it refuses the login
   */
  readonly status: 'connected' | 'read_only' | 'disconnected';
  /** Whether an application can work: the database is connected and not half restored, and no migration is pending unless that is allowed. */
  readonly healthy: boolean;
  /** The round-trip time of a ping, in milliseconds; null without an answer. */
  readonly latency_ms: number | null;
  /** Whether a writable primary answers. */
  readonly primary: boolean;
  /** The number of this version's migrations that are not applied; null when the number is unknown. */
  readonly pending_migrations: number | null;
  /** Why the database is not healthy, and what could not be checked. */
  readonly reasons: readonly string[];
  /** The time of the check, in ISO 8601. */
  readonly checked_at: string;
}

export interface CheckOptions {
  /** The time limit for the whole check, in milliseconds. The default is 2,000. */
  readonly timeout?: number;
  /** Whether a database that lacks migrations still counts as healthy. */
  readonly allowPending?: boolean;
  /** The collection of the changelog. The default is the changelog that the connection sets, else `changelog`. */
  readonly changelog?: string;
}

/**
 * Checks a database, and never throws. The check writes nothing, and needs the right to read the changelog. Without that right,
 * `pending_migrations` is null, and `reasons` says why. The database may still be healthy, since an application's own user rarely has that
 * right.
 * @param names the migrations that this version needs
 */
export async function look(db: Db, names: readonly string[], options: CheckOptions = {}): Promise<Health> {
  const { timeout = 2_000, allowPending = false, changelog } = options;
  const checked_at = new Date().toISOString();
  // Abort operations at the time limit, which also releases their connections. Otherwise, checks of a hanging server would use up the pool.
  const signal = AbortSignal.timeout(timeout);
  const answered = await ask(db, signal).catch((error: unknown) => ({ error }));
  if ('error' in answered) {
    const reasons = [reasonOf(answered.error, timeout, signal)];
    const unknown = { latency_ms: null, primary: false, pending_migrations: null };
    return { status: 'disconnected', healthy: false, ...unknown, reasons, checked_at };
  }
  const { latency_ms, primary } = answered;
  const [pending, halfRestored] = await Promise.all([
    countPending(db, names, { signal, changelog }).catch((error: unknown) => ({ error })),
    // If this document cannot be read, the changelog cannot be read either, and that failure is reported.
    isHalfRestored(db, { readPreference, signal }).catch(() => false),
  ]);
  const isCounted = typeof pending === 'number';
  const isBehind = isCounted && pending > 0 && !allowPending;
  const mayNotRead = !isCounted && (pending.error as { code?: unknown }).code === unauthorized;
  return {
    status: primary ? 'connected' : 'read_only',
    healthy: primary && !halfRestored && !isBehind && (isCounted || mayNotRead || allowPending),
    latency_ms,
    primary,
    pending_migrations: isCounted ? pending : null,
    reasons: [
      ...(primary ? [] : ['there is no writable primary']),
      ...(halfRestored ? ['the database is half restored: a restore is running, or did not finish'] : []),
      ...(isBehind ? [`${pending} ${pending === 1 ? 'migration is' : 'migrations are'} pending`] : []),
      ...(isCounted
        ? []
        : [`the number of pending migrations is unknown: ${reasonOf(pending.error, timeout, signal)}`]),
    ],
    checked_at,
  };
}

/** Lets a secondary answer when no primary does. This is how `read_only` is detected. */
const readPreference = ReadPreference.primaryPreferred;

async function ask(db: Db, signal: AbortSignal): Promise<Pick<Health, 'primary'> & { latency_ms: number }> {
  // Send this command before the ping, so that the latency of the ping does not include the time to connect.
  const hello = await db.command({ hello: 1 }, { readPreference, signal });
  const began = performance.now();
  await db.command({ ping: 1 }, { readPreference, signal });
  const latency_ms = Math.round((performance.now() - began) * 10) / 10;
  return { latency_ms, primary: hello['isWritablePrimary'] === true };
}

async function countPending(
  db: Db,
  names: readonly string[],
  options: { readonly signal: AbortSignal; readonly changelog: string | undefined },
): Promise<number> {
  if (names.length === 0) return 0;
  const applied = new Set(await readAppliedNames(db, { readPreference, ...options }));
  return names.filter((name) => !applied.has(name)).length;
}
