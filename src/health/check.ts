import { unauthorized } from '../database/server-errors';
import { ReadPreference, type Db } from 'mongodb';
// Not of the whole room: applications load this.
import { readAppliedNames } from '../history/changelog';
import { isHalfRestored } from '../history/unfinished-restore';
import { reasonOf } from './reasons';

/**
 * How a database does. What a probe is told: no host, no user, nothing of the data.
 * @category Health
 */
export interface Health {
  /**
   * - `connected`: a server that can be written to answers
   * - `read_only`: a server answers, and the replica set has no primary that can be written to
   * - `disconnected`: no server answers in time, or it refuses the login
   */
  readonly status: 'connected' | 'read_only' | 'disconnected';
  /** Whether an application can work: connected, not half restored, and no migration pending unless that is allowed. */
  readonly healthy: boolean;
  /** How long a ping took, there and back, in milliseconds; null without an answer. */
  readonly latency_ms: number | null;
  /** Whether a primary that can be written to answers. */
  readonly primary: boolean;
  /** How many migrations of this version are not applied; null when that could not be found out. */
  readonly pending_migrations: number | null;
  /** Why it is not healthy, and what could not be found out. */
  readonly reasons: readonly string[];
  /** When this was found out, ISO 8601. */
  readonly checked_at: string;
}

export interface CheckOptions {
  /** How long everything may take, in milliseconds: 2,000. */
  readonly timeout?: number;
  /** Whether a database that lacks migrations is healthy nevertheless. */
  readonly allowPending?: boolean;
  /** The collection that says what is applied: what the connection was told, else `changelog`. */
  readonly changelog?: string;
}

/**
 * Looks at a database, and never throws. It writes nothing and needs the right to read the changelog; without it,
 * `pending_migrations` is null, a reason says so, and the database may still be healthy, since an application's own user
 * rarely has that right.
 * @param names of the migrations that this version brings.
 */
export async function look(db: Db, names: readonly string[], options: CheckOptions = {}): Promise<Health> {
  const { timeout = 2_000, allowPending = false, changelog } = options;
  const checked_at = new Date().toISOString();
  // An operation that is given up gives its connection up too: else probes of a server that hangs would use up the pool.
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
    // What cannot be read here cannot be read there either, and that is reported.
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
      ...(primary ? [] : ['there is no primary that can be written to']),
      ...(halfRestored ? ['the database is half restored: a restore is running, or did not come to its end'] : []),
      ...(isBehind ? [`${pending} ${pending === 1 ? 'migration is' : 'migrations are'} pending`] : []),
      ...(isCounted ? [] : [`pending migrations are not known: ${reasonOf(pending.error, timeout, signal)}`]),
    ],
    checked_at,
  };
}

/** A secondary that answers tells more than no answer: it is what makes `read_only` known. */
const readPreference = ReadPreference.primaryPreferred;

async function ask(db: Db, signal: AbortSignal): Promise<Pick<Health, 'primary'> & { latency_ms: number }> {
  // First, so that the ping need not wait for a connection to be made.
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
