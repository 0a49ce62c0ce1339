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

/** Where an archive is loaded into, and how. */
export interface Destination {
  readonly db: Db;
  readonly url: MongoUrl;
  readonly isReplicaSet: boolean;
  readonly tools: Tools;
  /** Rejects when nothing may be written any more. */
  readonly guard: () => Promise<void>;
  /** The collections of the archive to load, and the name that each gets. All of them under their own unless given. */
  readonly names?: ReadonlyMap<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long mongorestore may get nothing done, in milliseconds. */
  readonly patience?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Restores the documents of an archive, in their order, and no index: a TTL would delete some before they are compared.
 * @throws error with code `BACKUP` when a single document was not restored
 */
export async function loadDocuments(archive: CheckedArchive, to: Destination): Promise<void> {
  const restoring = await startTool(to.tools, 'mongorestore', to.url, [
    '--archive',
    '--gzip',
    ...namespaces(archive, to),
    '--noIndexRestore',
    // What is there was accepted once, by whatever rules held then.
    '--bypassDocumentValidation',
    '--stopOnError',
    '--maintainInsertionOrder',
    // A majority is waited for once, by who wants to keep what is loaded, and not with each thousand documents.
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

/** What is loaded, and where to. Of several pairs that fit, the last one counts. */
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

/** A name in a pattern. */
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

/** Its exit code alone does not tell. */
function checkSummary(said: string): void {
  const failed = /(\d+) document\(s\) failed to restore/.exec(said)?.[1];
  if (failed === '0') return;
  throw new SchemaError('BACKUP', `mongorestore could not restore ${failed ?? 'an unknown number of'} documents`);
}

/** Builds the indexes that an archive's metadata name, exactly as the server reported them; all of them unless some are due. */
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
      // Without one it would inherit that of the collection.
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

/** In how many documents a database differs from an archive, by collection. In words; none when it does not. */
export async function differentCounts(db: Db, manifest: Manifest): Promise<string[]> {
  const counted = manifest.collections.filter(({ name }) => !Object.hasOwn(manifest.others, name));
  const found = await Promise.all(
    counted.map(async ({ name, documents }) => {
      // A majority need not have what was loaded for a trial.
      const count = await db.collection(name).countDocuments({}, { readConcern: 'local' });
      return count === documents ? [] : [`${name}: ${count} documents instead of ${documents}`];
    }),
  );
  return found.flat();
}

/** Where options, validators or indexes of a database differ from an archive. In words; none when they do not. */
export async function differentSchema(db: Db, manifest: Manifest): Promise<string[]> {
  return differencesTo(manifest, await readSchema(db));
}

/** The same of what was read already; without the views where these are not there yet. */
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
  // An archive of an earlier version tells the kind of what it knew no more of. Time series are restored in a way of their own.
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

/** @throws error with code `BACKUP` that lists them, if there are any */
export function refuseDifferences(differences: readonly string[], fix?: string): void {
  if (differences.length === 0) return;
  throw new SchemaError('BACKUP', 'What was restored differs from the backup', {
    why: differences,
    ...(fix !== undefined && { fix }),
  });
}
