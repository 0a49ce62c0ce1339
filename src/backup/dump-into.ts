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
  /** The file that does not count as a backup yet. */
  readonly partial: string;
  readonly createdAt: Date;
  /** A safety copy keeps what is there, even a half restored database; a backup does not. */
  readonly refusesUnfinished: boolean;
  readonly encryptTo?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long mongodump may get nothing done before it is ended, in milliseconds. Five minutes unless given. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Dumps a database into an archive that also tells what was dumped.
 * @throws error with code `BACKUP` when mongodump fails, when the database is empty, or when a deploy changes it meanwhile; HISTORY
 *   when it is half restored
 */
export async function dumpInto({ db, server }: Connection, options: DumpOptions): Promise<WrittenArchive> {
  const { partial, createdAt, refusesUnfinished, url, database, encryptTo, signal, patience, onEvent } = options;
  // It must not take the place of good backups.
  if (refusesUnfinished) await refuseUnfinished(db, 'until then there is nothing to back up');
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
    // A dump that is cut off looks damaged; why mongodump stopped says more.
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

/** What is dumped: all but the lease, and what a restore that is going on keeps beside the rest. */
export function dumpArguments(database: string): string[] {
  const prefixes = Object.values(restorePrefixes).map((prefix) => `--excludeCollectionsWithPrefix=${prefix}`);
  return ['--archive', `--db=${database}`, `--excludeCollection=${neverDumped}`, ...prefixes];
}

/** Whether mongorestore leaves a collection out because of its name, without a word. */
export function isSkipped(name: string): boolean {
  return name.includes('\n');
}

/**
 * What a backup would hold and no restore could bring back, or what it would leave out without a word.
 * @throws error with code `BACKUP` that names it
 */
async function refuseUnrestorable(db: Db): Promise<void> {
  const ours = new Set((await readLeftovers(db)).map(({ name }) => name));
  const names = (await listCollections(db)).map(({ name }) => name);
  const why = [
    ...names
      .filter(isSkipped)
      .map(
        (name) => `the name ${JSON.stringify(name)} holds a line end, and mongorestore leaves such a collection out`,
      ),
    ...names
      .filter((name) => isRestoreName(name) && !ours.has(name))
      .map((name) => `the name ${JSON.stringify(name)} is kept for restores, and no restore is known to have made it`),
  ];
  if (why.length === 0) return;
  throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(db.databaseName)}`, {
    why,
    fix: 'rename these collections, or drop them',
  });
}

/** What a manifest says of a database, apart from the dump itself. */
interface Described {
  readonly live: LiveSchema;
  readonly migrations: Manifest['migrations'];
  readonly token: number;
  /** About how many documents there are, for people who wait. */
  readonly documents: number;
}

/** The lease is a matter of the server that it is held on: it is neither dumped nor restored. */
export const neverDumped = ownCollections.lock;

async function describeDatabase(db: Db): Promise<Described> {
  const [live, changelog, events, lease] = await Promise.all([
    readSchema(db),
    readChangelog(db),
    readEvents(db),
    readLease(db),
  ]);
  // Such a backup could not be restored.
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

/** What is not a plain collection: its kind by its name. It has no documents of its own to be counted. */
export function otherKinds({ schema, others }: LiveSchema): Readonly<Record<string, string>> {
  const named = Object.entries(schema).map(([name, contents]): [string, string] => [
    name,
    timeSeriesOf(contents.options) ? 'timeseries' : (kindOf(contents) ?? 'unknown'),
  ]);
  return Object.fromEntries([...others, ...named.filter(([, kind]) => kind !== 'collection')]);
}

/**
 * A dump is not of one point in time, but its collections and indexes must be.
 * @throws error with code `BACKUP` when they changed while it was taken, or when the dump is of another server than the description
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
      fix: 'run it again when the deploy is done',
    });
  }
  const dumped = new Set(dump.collections.map(({ name }) => name));
  const missing = [...Object.keys(before.live.schema), ...before.live.others.keys()].filter(
    (name) => !dumped.has(name),
  );
  if (missing.length > 0) {
    throw new SchemaError('BACKUP', `Cannot back up ${JSON.stringify(database)}`, {
      why: `the dump lacks ${missing.join(', ')}: mongodump reached another server than the driver`,
      fix: 'correct the hosts in MONGODB_URL, so that they lead to one server from everywhere',
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
