import type { Db } from 'mongodb';
import { refuseStopped } from '../deploy';
import { changelogName, listCollections, readSchema, type Connection, type LiveSchema, type Target } from '../database';
import { readChangelog, readEvents, readLease, refuseToken, refuseUnfinished, toolVersion } from '../history';
import { diff, entries, isRestoreName, kindOf, timeSeriesOf, ownCollections, restorePrefixes } from '../schema';
import { SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { writeArchive, type WrittenArchive } from './archive-writer';
import type { Dump } from './dump-stream';
import type { OnEvent } from './events';
import { readLeftovers } from './leftovers';
import type { Manifest } from './manifest';
import { startTool } from './run-tool';
import { findTools, type ToolsFor } from './tools';
import { watchTool } from './watch-tool';
import { MongoUrl } from '../support/mongo-url';

export interface DumpOptions extends Target, Pick<ToolsFor, 'container' | 'env'> {
  /** The path of the file while it is written. The file is not a backup yet. */
  readonly partial: string;
  readonly createdAt: Date;
  /** Whether to refuse a half restored database. A backup must not contain such a database, but a safety copy may. */
  readonly refusesUnfinished: boolean;
  readonly encryptTo?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long mongodump may make no progress before it is ended, in milliseconds. The default is five minutes. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Dumps a database into an archive with a manifest.
 * @throws error with code `BACKUP` when mongodump fails, when the database is empty, or when a deploy changes it in the meantime; HISTORY
 *   when the database is half restored
 */
export async function dumpInto({ db, server }: Connection, options: DumpOptions): Promise<WrittenArchive> {
  const { partial, createdAt, refusesUnfinished, url, database, encryptTo, signal, patience, onEvent } = options;
  // A backup of a half restored database must not replace good backups.
  if (refusesUnfinished) await refuseUnfinished(db, 'no backup can be taken before that');
  const before = await describeDatabase(db);
  if (Object.keys(before.live.schema).length + before.live.others.size === 0) {
    throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(database)}`, {
      why: 'there is no such database on this server, or it has no collections',
      fix: 'correct MONGODB_DATABASE, or name the database with --database',
    });
  }
  await refuseUnrestorable(db);
  const tools = await findTools(options);
  refuseStopped(signal);
  const args = dumpArguments(database);
  const dumping = await startTool(tools, 'mongodump', MongoUrl.of(url), args);
  const kill = () => {
    dumping.kill();
  };
  signal?.addEventListener('abort', kill, { once: true });
  let done = 0;
  const watch = watchTool(dumping, 'mongodump', {
    guard: () => Promise.resolve(),
    done: () => done,
    patience,
    onEvent,
  });
  try {
    return await writeArchive({
      file: partial,
      dump: dumping.stdout,
      encryptTo,
      describe: async (dump) => {
        await dumping.ended;
        const after = await describeDatabase(db);
        return describeDump(database, before, after, dump, { serverVersion: server.version, createdAt });
      },
      onDocuments: (documents) => {
        done = documents;
        onEvent?.({ type: 'progress', what: 'backing up', done, total: Math.max(before.documents, done) });
      },
    });
  } catch (error) {
    const stopped = watch.stopped();
    if (stopped) throw stopped;
    // An incomplete dump looks damaged. Throw mongodump's own error, if it has one: that error is more useful.
    if (codeOf(error) === 'DAMAGED') await dumping.ended;
    throw error;
  } finally {
    watch.end();
    kill();
    signal?.removeEventListener('abort', kill);
    await dumping.ended.catch(() => undefined);
    refuseStopped(signal);
  }
}

/** Returns the arguments for a dump of everything except the lease and the temporary collections of a restore. */
export function dumpArguments(database: string): string[] {
  const prefixes = Object.values(restorePrefixes).map((prefix) => `--excludeCollectionsWithPrefix=${prefix}`);
  return ['--archive', `--db=${database}`, `--excludeCollection=${neverDumped}`, ...prefixes];
}

/** Returns whether mongorestore would silently skip a collection with this name. */
export function isSkipped(name: string): boolean {
  return name.includes('\n');
}

/**
 * Refuses names that a restore could not bring back, and names that a backup would silently leave out.
 * @throws error with code `BACKUP` that lists these names
 */
async function refuseUnrestorable(db: Db): Promise<void> {
  const ours = new Set((await readLeftovers(db)).map(({ name }) => name));
  const names = (await listCollections(db)).map(({ name }) => name);
  const why = [
    ...names
      .filter(isSkipped)
      .map(
        (name) =>
          `the name ${JSON.stringify(name)} contains a line end, and mongorestore silently leaves such a collection out`,
      ),
    ...names
      .filter((name) => isRestoreName(name) && !ours.has(name))
      .map(
        (name) => `the name ${JSON.stringify(name)} is reserved for restores, but no restore created this collection`,
      ),
  ];
  if (why.length === 0) return;
  throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(db.databaseName)}`, {
    why,
    fix: 'rename these collections, or drop them',
  });
}

/** The part of a manifest that comes from the database, not from the dump. */
interface Described {
  readonly live: LiveSchema;
  readonly migrations: Manifest['migrations'];
  readonly token: number;
  /** The approximate number of documents, which the progress display needs. */
  readonly documents: number;
}

/** The lease belongs to one server, so it is neither dumped nor restored. */
export const neverDumped = ownCollections.lock;

async function describeDatabase(db: Db): Promise<Described> {
  const [live, changelog, events, lease] = await Promise.all([
    readSchema(db),
    readChangelog(db),
    readEvents(db),
    readLease(db),
  ]);
  // A backup with an invalid token could not be restored.
  if (lease) refuseToken(lease.token, ownCollections.lock);
  for (const { token } of events) refuseToken(token, ownCollections.history);
  const names = entries(live.schema, 'collection').map(({ place }) => place.collection);
  const counts = await Promise.all(names.map((name) => db.collection(name).estimatedDocumentCount()));
  const applied = changelog.map(({ fileName }) => {
    const checksum = events.findLast(({ migration, checksum }) => migration === fileName && checksum)?.checksum;
    return { name: fileName, ...(checksum !== undefined && { checksum }) };
  });
  const head = applied.at(-1)?.name;
  const name = changelogName(db);
  const named = name === ownCollections.changelog ? {} : { changelog: name };
  return {
    live,
    migrations: { ...(head !== undefined && { head }), ...named, applied },
    token: Math.max(lease?.token ?? 0, ...events.map(({ token }) => token)),
    documents: counts.reduce((sum, count) => sum + count, 0),
  };
}

/**
 * Returns, by name, the kind of everything that is not a plain collection, such as a view. Only plain collections have documents to count.
 */
export function otherKinds({ schema, others }: LiveSchema): Readonly<Record<string, string>> {
  const named = Object.entries(schema).map(([name, contents]): [string, string] => [
    name,
    timeSeriesOf(contents.options) ? 'timeseries' : (kindOf(contents) ?? 'unknown'),
  ]);
  return Object.fromEntries([...others, ...named.filter(([, kind]) => kind !== 'collection')]);
}

/**
 * Describes a dump. Its documents may come from different times, but its collections and indexes must not.
 * @throws error with code `BACKUP` when collections or indexes changed during the dump, or when the dump comes from another server
 */
function describeDump(
  database: string,
  before: Described,
  after: Described,
  dump: Dump,
  { serverVersion, createdAt }: { serverVersion: string; createdAt: Date },
): Omit<Manifest, 'parts'> {
  const wasMigrated = JSON.stringify(before.migrations) !== JSON.stringify(after.migrations);
  if (wasMigrated || diff(before.live.schema, after.live.schema).length > 0) {
    throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(database)}`, {
      why: 'collections, indexes or migrations changed while the dump was taken',
      fix: 'run the backup again when the deploy is done',
    });
  }
  const dumped = new Set(dump.collections.map(({ name }) => name));
  const missing = [...Object.keys(before.live.schema), ...before.live.others.keys()].filter(
    (name) => !dumped.has(name),
  );
  if (missing.length > 0) {
    throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(database)}`, {
      why: `the dump lacks ${missing.join(', ')}: mongodump reached another server than the driver`,
      fix: 'correct the hosts in MONGODB_URL, so that mongodump and the driver reach the same server',
    });
  }
  return {
    format: 1,
    database,
    created_at: createdAt.toISOString(),
    versions: { tool: toolVersion(), node: process.versions.node, server: serverVersion, mongodump: dump.toolVersion },
    migrations: before.migrations,
    token: after.token,
    schema: before.live.schema,
    others: otherKinds(before.live),
    collections: dump.collections.map(({ name, documents, bytes, sha256 }) => ({ name, documents, bytes, sha256 })),
  };
}
