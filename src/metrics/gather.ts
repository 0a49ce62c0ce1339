import type { Db } from 'mongodb';
import { newestBackups } from '../backup';
import { readServerStatus } from '../database';
import type { Health } from '../health';
import type { Project } from '../project';
import { within } from '../support/abort';
import { once } from '../support/once';
import { SchemaError } from '../support/schema-error';
import { collectionsOf, emitIndexUse, emitSizes } from './collections';
import type { Emit, Sample } from './families';
import type { Pool } from './pool';
import { emitSlowQueries } from './slow-queries';
import { emitDrift, emitHistory, readKnown } from './schema-state';

/** The parts of a page. Each part can fail independently of the others. */
export const parts = ['server', 'migrations', 'drift', 'sizes', 'indexes', 'queries', 'backups'] as const;
export type PartName = (typeof parts)[number];

export interface Sources {
  /** Runs the check of /health/db. */
  readonly check: () => Promise<Health>;
  /** Called only if a server answers. */
  readonly db: () => Db;
  readonly project: () => Project;
  readonly pool: Pool;
  /** The folder with the backups. */
  readonly backups: string;
  readonly database: string;
  /** The time limit for everything after the check, in milliseconds. */
  readonly timeout: number;
  /** The maximum number of collections on the page. */
  readonly maxCollections: number;
}

export interface Gathered {
  readonly samples: readonly Sample[];
  /** The parts that were requested. */
  readonly asked: readonly PartName[];
  /** The errors of the parts that failed. */
  readonly problems: ReadonlyMap<PartName, unknown>;
  /** Whether a part exceeded its time limit. The commands of that part may still wait for an answer. */
  readonly isLate: boolean;
}

/** Collects all samples. Never throws: a part that fails is omitted, and its error is in `problems`. */
export async function gather(sources: Sources): Promise<Gathered> {
  const began = performance.now();
  const samples: Sample[] = [];
  let isOpen = true;
  const emit: Emit = (name, value, ...[labels = {}]: [Readonly<Record<string, string>>?]) => {
    // A part that exceeded its time limit may still emit samples later. These samples are ignored.
    if (isOpen) samples.push({ name, value: Number(value), labels });
  };
  const health = await sources.check();
  const isUp = health.status !== 'disconnected';
  emit('schema_up', isUp);
  emit('schema_writable', health.primary);
  emit('schema_healthy', health.healthy);
  if (health.latency_ms !== null) emit('schema_ping_seconds', health.latency_ms / 1000);

  const problems = new Map<PartName, unknown>();
  const { timeout } = sources;
  let isLate = false;
  const work: Partial<Record<PartName, () => Promise<void>>> = {
    ...(isUp && ofServer(sources, emit)),
    backups: () => emitBackups(sources, emit),
  };
  const asked = parts.filter((part) => work[part] !== undefined);
  const running = asked.map(async (part) => {
    const late = () => {
      isLate = true;
      throw new SchemaError('NO_ANSWER', `no answer within ${timeout / 1000} s`);
    };
    await within(timeout, Promise.resolve(work[part]?.()), late).catch((error: unknown) => problems.set(part, error));
  });
  await Promise.all(running);

  for (const what of asked) emit('schema_scrape_error', problems.has(what), { what });
  const { checkedOut, available, waiting } = sources.pool.now();
  emit('schema_pool_connections', checkedOut, { state: 'checked_out' });
  emit('schema_pool_connections', available, { state: 'available' });
  emit('schema_pool_waiting', waiting);
  emit('schema_gathering_seconds', (performance.now() - began) / 1000);
  emit('schema_gathered_timestamp_seconds', Date.now() / 1000);
  isOpen = false;
  return { samples, asked, problems, isLate };
}

/** Returns the work for all parts that need the server. */
function ofServer(
  { db: connect, project: open, maxCollections, timeout }: Sources,
  emit: Emit,
): Record<Exclude<PartName, 'backups'>, () => Promise<void>> {
  const db = connect();
  const ask = { maxTimeMS: timeout, readPreference: 'primaryPreferred' } as const;
  const known = once(async () => {
    const project = open();
    return { project, ...(await readKnown(db, project)) };
  });
  const listed = once(async () => {
    const names = await collectionsOf(db, ask);
    emit('schema_collections', names.length);
    emit('schema_collections_left_out', Math.max(0, names.length - maxCollections));
    return names.slice(0, maxCollections);
  });
  return {
    server: async () => {
      const { connections, ttl } = await readServerStatus(db, ask);
      emit('schema_server_connections', connections.open, { state: 'open' });
      emit('schema_server_connections', connections.available, { state: 'available' });
      emit('schema_ttl_deleted_documents_total', ttl.deleted);
      emit('schema_ttl_passes_total', ttl.passes);
    },
    migrations: async () => emitHistory(db, await known(), emit),
    drift: async () => {
      const { project, ...rest } = await known();
      await emitDrift(db, project, rest, emit);
    },
    sizes: async () => emitSizes(db, await listed(), ask, emit),
    indexes: async () => emitIndexUse(db, await listed(), ask, emit),
    queries: () => emitSlowQueries(db, timeout, emit),
  };
}

async function emitBackups({ backups, database }: Sources, emit: Emit): Promise<void> {
  const { taken, verified } = await newestBackups(backups, database);
  if (taken) emit('schema_newest_backup_timestamp_seconds', taken.getTime() / 1000);
  if (verified) emit('schema_newest_verified_backup_timestamp_seconds', verified.getTime() / 1000);
}
