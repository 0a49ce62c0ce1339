import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Db, Document } from 'mongodb';
import { refuseStopped } from '../deploy';
import { majority, readSchema, type LiveSchema } from '../database';
import { describePlace, diff, restorePrefixes, type Change } from '../schema';
import { SchemaError } from '../support/schema-error';
import { codeOf } from '../support/system-error';
import { dumpOf, type CheckedArchive } from './archive-reader';
import { neverDumped, otherKinds } from './dump-into';
import type { Dump } from './dump-stream';
import type { OnEvent } from './events';
import type { Manifest } from './manifest';
import { startTool } from './run-tool';
import type { Tools } from './tools';
import { watchTool } from './watch-tool';
import type { MongoUrl } from '../support/mongo-url';

/** The database to load an archive into, and how. */
export interface Destination {
  readonly db: Db;
  readonly url: MongoUrl;
  readonly isReplicaSet: boolean;
  readonly tools: Tools;
  /** Rejects when this run may no longer write. */
  readonly guard: () => Promise<void>;
  /** The collections of the archive to load, with their new names. By default, all collections are loaded under their own names. */
  readonly names?: ReadonlyMap<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long mongorestore may make no progress, in milliseconds. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Restores the documents of an archive, in the order of the archive. Builds no indexes: a TTL index could delete documents before the
 * comparison.
 * @throws error with code `BACKUP` when any document was not restored
 */
export async function loadDocuments(archive: CheckedArchive, to: Destination): Promise<void> {
  const restoring = await startTool(to.tools, 'mongorestore', to.url, [
    '--archive',
    '--gzip',
    ...namespaces(archive, to),
    '--noIndexRestore',
    // Documents may violate today's validators, because they were accepted under earlier validators.
    '--bypassDocumentValidation',
    '--stopOnError',
    '--maintainInsertionOrder',
    // Do not wait for a majority after each thousand documents: the caller waits once, at the end.
    '--writeConcern={w: 1}',
  ]);
  let fed = 0;
  const count = (bytes: number) => (fed += bytes);
  const { patience, onEvent } = to;
  const watch = watchTool(restoring, 'mongorestore', { guard: () => guarded(to), done: () => fed, patience, onEvent });
  const total = archive.manifest.parts.reduce((sum, { size }) => sum + size, 0);
  try {
    const [feeding, ended] = await Promise.allSettled([
      pipeline(
        Readable.from(counted(dumpOf(archive), total, to.onEvent, count), { objectMode: false }),
        restoring.stdin,
      ),
      restoring.ended,
    ]);
    const stopped = watch.stopped();
    if (stopped) throw stopped;
    if (feeding.status === 'rejected' && codeOf(feeding.reason) === 'DAMAGED') throw feeding.reason as Error;
    if (ended.status === 'rejected') throw ended.reason as Error;
    checkSummary(ended.value);
  } finally {
    watch.end();
    restoring.kill();
  }
}

/**
 * Returns the options that select and rename the collections to load. When several options match a name, mongorestore uses the last one.
 */
function namespaces({ manifest, dump }: CheckedArchive, { db, names }: Destination): string[] {
  const [from, to] = [manifest.database, db.databaseName];
  const pair = (source: string, target: string) => [`--nsFrom=${from}.${source}`, `--nsTo=${to}.${target}`];
  const exclude = (name: string) => `--nsExclude=${from}.${literal(name)}`;
  if (!names) return [...pair('*', '*'), exclude(neverDumped)];
  const { staged } = restorePrefixes;
  const buckets = 'system.buckets.';
  const isLong = ([name, other]: readonly [string, string]) => other !== staged + name;
  return [
    ...pair('*', `${staged}*`),
    ...pair(`${buckets}*`, `${buckets}${staged}*`),
    ...[...names]
      .filter(isLong)
      .flatMap(([name, other]) => [
        ...pair(literal(name), literal(other)),
        ...pair(buckets + literal(name), buckets + literal(other)),
      ]),
    ...[...dump.collections.map(({ name }) => name), neverDumped].filter((name) => !names.has(name)).map(exclude),
  ];
}

/** Escapes a name for use in a pattern. */
function literal(name: string): string {
  return name.replaceAll(/[\\*]/g, '\\$&');
}

async function guarded({ guard, signal }: Destination): Promise<void> {
  refuseStopped(signal);
  await guard();
}

const mebibyte = 1024 * 1024;

async function* counted(
  parts: AsyncIterable<Buffer>,
  total: number,
  onEvent: OnEvent | undefined,
  count: (bytes: number) => unknown,
): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const part of parts) {
    yield part;
    done += part.length;
    count(part.length);
    const inMebibytes = (bytes: number) => Math.ceil(bytes / mebibyte);
    onEvent?.({ type: 'progress', what: 'restoring, MiB', done: inMebibytes(done), total: inMebibytes(total) });
  }
}

/** Checks the summary of mongorestore, because its exit code is not enough. */
function checkSummary(said: string): void {
  const failed = /(\d+) document\(s\) failed to restore/.exec(said)?.[1];
  if (failed === '0') return;
  throw new SchemaError('BACKUP', `mongorestore could not restore ${failed ?? 'an unknown number of'} documents`);
}

/**
 * Builds the indexes in an archive's metadata, exactly as the server reported them: all of them, or those for which `isDue` returns true.
 */
export async function buildIndexes(
  { collections }: Dump,
  to: Destination,
  isDue: (index: Document) => boolean = () => true,
): Promise<void> {
  for (const { name, type, metadata } of collections) {
    const target = to.names ? to.names.get(name) : name;
    if (type === 'view' || target === undefined) continue;
    const indexes = (metadata.indexes ?? [])
      .filter((index) => index['name'] !== '_id_' && index['clustered'] !== true && isDue(index))
      // Without a collation, an index would inherit the collation of the collection.
      .map((index): Document =>
        metadata.options?.['collation'] ? { collation: { locale: 'simple' }, ...index } : index,
      );
    if (indexes.length === 0) continue;
    await guarded(to);
    to.onEvent?.({ type: 'step', message: `building ${indexes.length} indexes of ${name}` });
    await to.db.command({
      createIndexes: target,
      indexes,
      writeConcern: { w: majority.w },
      ...(to.isReplicaSet && { commitQuorum: 'majority' }),
    });
  }
}

/** Describes differences in the number of documents between a database and an archive, by collection. Empty when there are none. */
export async function differentCounts(db: Db, manifest: Manifest): Promise<string[]> {
  const counted = manifest.collections.filter(({ name }) => !Object.hasOwn(manifest.others, name));
  const found = await Promise.all(
    counted.map(async ({ name, documents }) => {
      // Count with `local`: the documents of a test restore may not be on a majority yet.
      const count = await db.collection(name).countDocuments({}, { readConcern: 'local' });
      return count === documents ? [] : [`${name}: ${count} documents instead of ${documents}`];
    }),
  );
  return found.flat();
}

/** Describes differences in options, validators and indexes between a database and an archive. Empty when there are none. */
export async function differentSchema(db: Db, manifest: Manifest): Promise<string[]> {
  return differencesTo(manifest, await readSchema(db));
}

/**
 * Describes the same differences as `differentSchema`, for a schema that was already read. Use `views: false` when the views do not exist
 * yet.
 */
export function differencesTo(
  manifest: Manifest,
  live: LiveSchema,
  { views = true, isCompared = () => true }: { views?: boolean; isCompared?: (name: string) => boolean } = {},
): string[] {
  const isDue = (name: string, kind: string) => (views || kind !== 'view') && isCompared(name);
  const kinds = (record: Readonly<Record<string, string>>) =>
    Object.entries(record)
      .filter(([name, kind]) => isDue(name, kind))
      .map(([name, kind]) => `${name}: ${kind}`);
  const [wanted, there] = [kinds(manifest.others), kinds(otherKinds(live))];
  // Of some collections and views, an archive of an earlier version contains only the kind, not the schema. Time series are restored
  // separately.
  const isKnown = ({ place: { collection } }: Change) =>
    manifest.others[collection] !== 'timeseries' &&
    (Object.hasOwn(manifest.schema, collection) || !Object.hasOwn(manifest.others, collection));
  return [
    ...diff(manifest.schema, live.schema)
      .filter((change) => isKnown(change) && isDue(change.place.collection, change.kind))
      .map((change) => describePlace(change)),
    ...wanted.filter((one) => !there.includes(one)),
    ...there.filter((one) => !wanted.includes(one)),
  ];
}

/** @throws error with code `BACKUP` that lists the differences, if there are any */
export function refuseDifferences(differences: readonly string[], fix?: string): void {
  if (differences.length === 0) return;
  throw new SchemaError('BACKUP', 'The restored data differs from the backup', {
    why: differences,
    ...(fix !== undefined && { fix }),
  });
}
