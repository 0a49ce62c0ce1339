import { randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { withLeaseConnection, type Connection, type LeaseConnection } from '../database';
import { isHeld, takeLease } from '../history';
import { startEmbedded } from '../mongod';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';
import { checkArchive, type CheckedArchive } from './archive-reader';
import { dumpArguments } from './dump-into';
import { DumpReader, type Dump } from './dump-stream';
import type { OnEvent } from './events';
import { buildIndexes, differentCounts, differentSchema, loadDocuments, type Destination } from './load';
import { startTool } from './run-tool';
import { findTools, type Tools, type ToolsFor } from './tools';
import { MongoUrl } from '../support/mongo-url';

/**
 * The options of a test restore. It uses an embedded server unless `url` is given. The user in `url` needs the right to create and drop a
 * database.
 */
export interface VerifyOptions extends ToolsFor {
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

export interface VerifyReport {
  readonly file: string;
  /** The database that was backed up. */
  readonly database: string;
  readonly created_at: string;
  readonly collections: number;
  readonly documents: number;
  /** The version of the server on which the backup was restored as a test. */
  readonly server: string;
  readonly milliseconds: number;
}

/**
 * Restores a backup into a scratch database, compares everything (names, counts, every document by checksum, then options, validators and
 * indexes), and drops the scratch database.
 * @throws error with code `BACKUP` that lists the differences
 */
export async function verifyBackup(options: VerifyOptions): Promise<VerifyReport> {
  const started = performance.now();
  const archive = await checkArchive(options.file);
  const tools = await findTools(options);
  const { server, differences } = await onServer(options, async (url) => {
    options.onEvent?.({ type: 'step', message: 'restoring the backup as a test' });
    return inScratch(url, archive, (connection) => tryOut(archive, tools, url, connection, options));
  });
  if (differences.length > 0) {
    throw new SchemaError(
      'BACKUP',
      `The data restored from ${shown(options.file)} differ from the data that were backed up`,
      {
        why: differences,
        fix: 'take another backup, and keep the older ones',
      },
    );
  }
  const { manifest } = archive;
  return {
    file: options.file,
    database: manifest.database,
    created_at: manifest.created_at,
    collections: manifest.collections.length,
    documents: manifest.collections.reduce((sum, { documents }) => sum + documents, 0),
    server,
    milliseconds: performance.now() - started,
  };
}

async function onServer<T>({ url, env }: VerifyOptions, work: (url: MongoUrl) => Promise<T>): Promise<T> {
  if (url !== undefined) return work(MongoUrl.of(url));
  const server = await startEmbedded({ env });
  try {
    return await work(new MongoUrl(server.url));
  } finally {
    await server.stop();
  }
}

const scratchName = /^verify_\d{14}_[0-9a-f]{8}$/;

/**
 * Runs `work` in a new scratch database, on which it holds a lease. A scratch database on which nobody holds a lease was left behind by a
 * killed run, and is dropped.
 */
async function inScratch<T>(
  url: MongoUrl,
  { manifest }: CheckedArchive,
  work: (connection: LeaseConnection) => Promise<T>,
): Promise<T> {
  const { changelog } = manifest.migrations;
  const time = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const database = `verify_${time}_${randomBytes(4).toString('hex')}`;
  return withLeaseConnection({ url, database, changelog, leaseSeconds: 30 }, async (connection) => {
    const { db, bookkeeping } = connection;
    const lease = await takeLease(bookkeeping, { purpose: 'verify-backup', seconds: 30, timeout: 0 });
    try {
      await dropLeftOvers(connection);
      return await work(connection);
    } finally {
      await lease.release().catch(() => undefined);
      await db.dropDatabase();
    }
  });
}

async function dropLeftOvers({ db }: Connection): Promise<void> {
  const { client } = db;
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true, authorizedDatabases: true });
  for (const { name } of databases.filter(({ name }) => scratchName.test(name))) {
    if (!(await isHeld(client.db(name)))) await client.db(name).dropDatabase();
  }
}

async function tryOut(
  archive: CheckedArchive,
  tools: Tools,
  url: MongoUrl,
  { db, server }: Connection,
  { signal, onEvent }: VerifyOptions,
) {
  const { isReplicaSet, version } = server;
  const guard = () => Promise.resolve();
  const to: Destination = { db, url, isReplicaSet, tools, guard, signal, onEvent };
  await loadDocuments(archive, to);
  const counts = await differentCounts(db, archive.manifest);
  const contents = differentContents(archive.dump, await dumpAgain(to));
  await buildIndexes(archive.dump, to);
  const differences = [...counts, ...contents, ...(await differentSchema(db, archive.manifest))];
  return { server: version, differences };
}

async function dumpAgain({ tools, url, db, signal }: Destination): Promise<Dump> {
  const dumping = await startTool(tools, 'mongodump', url, dumpArguments(db.databaseName));
  const reader = new DumpReader();
  try {
    await pipeline(dumping.stdout, reader, { ...(signal && { signal }) });
    await dumping.ended;
    return reader.dump;
  } finally {
    dumping.kill();
    await dumping.ended.catch(() => undefined);
  }
}

function differentContents(before: Dump, after: Dump): string[] {
  const found = new Map(after.collections.map(({ name, sha256 }) => [name, sha256]));
  return before.collections.flatMap(({ name, sha256 }) => {
    const there = found.get(name);
    if (there === undefined) return [`${name} does not exist`];
    return there === sha256 ? [] : [`the documents of ${name} differ`];
  });
}
