import type { Db } from 'mongodb';
import { readChangelog, readEvents, readLease, toolVersion } from '../../history';
import { canonicalJson, ownCollections, readSchema, type LiveSchema } from '../../schema';
import type { Dump } from './dump';
import { backupError } from './errors';
import type { Manifest } from './manifest';

/** What of a database goes into a manifest besides the dump itself. */
export interface Described {
  readonly live: LiveSchema;
  readonly migrations: Manifest['migrations'];
  readonly token: number;
  /** About how many documents there are, for people who wait. */
  readonly documents: number;
}

/** The lease is a matter of the server that it is held on: it is neither dumped nor restored. */
export const neverDumped = ownCollections.lock;

export async function describeDatabase(db: Db): Promise<Described> {
  const [live, changelog, events, lease] = await Promise.all([
    readSchema(db),
    readChangelog(db),
    readEvents(db),
    readLease(db),
  ]);
  const names = Object.keys(live.schema);
  const counts = await Promise.all(names.map((name) => db.collection(name).estimatedDocumentCount()));
  const applied = changelog.map(({ fileName }) => {
    const checksum = events.findLast(({ migration, checksum }) => migration === fileName && checksum)?.checksum;
    return { name: fileName, ...(checksum !== undefined && { checksum }) };
  });
  const head = applied.at(-1)?.name;
  return {
    live,
    migrations: { ...(head !== undefined && { head }), applied },
    token: Math.max(lease?.token ?? 0, ...events.map(({ token }) => token)),
    documents: counts.reduce((sum, count) => sum + count, 0),
  };
}

/**
 * A dump is no point in time, but its collections and indexes must be of one.
 * @throws Error when they changed while it was taken, or when the dump is of another server than the description.
 */
export function describeDump(
  database: string,
  before: Described,
  after: Described,
  dump: Dump,
  { serverVersion, createdAt }: { serverVersion: string; createdAt: Date },
): Omit<Manifest, 'parts'> {
  const wasMigrated = JSON.stringify(before.migrations) !== JSON.stringify(after.migrations);
  if (wasMigrated || canonicalJson(before.live.schema) !== canonicalJson(after.live.schema)) {
    throw backupError(
      'FAILED',
      'Collections, indexes or migrations changed while the dump was taken. Run it again when the deploy is done.',
    );
  }
  const dumped = new Set(dump.collections.map(({ name }) => name));
  const missing = [...Object.keys(before.live.schema), ...before.live.others.keys()].filter(
    (name) => !dumped.has(name),
  );
  if (missing.length > 0) {
    throw backupError(
      'FAILED',
      `The dump lacks ${missing.join(', ')}: mongodump was led to another server than the driver.`,
    );
  }
  return {
    format: 1,
    database,
    created_at: createdAt.toISOString(),
    versions: { tool: toolVersion(), node: process.versions.node, server: serverVersion, mongodump: dump.toolVersion },
    migrations: before.migrations,
    token: after.token,
    schema: before.live.schema,
    others: Object.fromEntries(before.live.others),
    collections: dump.collections.map(({ name, documents, bytes, sha256 }) => ({ name, documents, bytes, sha256 })),
  };
}
