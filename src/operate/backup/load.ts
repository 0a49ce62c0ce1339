import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Db, Document } from 'mongodb';
import { refuseStopped } from '../../deploy';
import { majority } from '../../history';
import { describePlace, diff, readSchema } from '../../schema';
import { dumpOf, type CheckedArchive } from './archive-reader';
import { neverDumped } from './describe';
import type { Dump } from './dump';
import { backupError } from './errors';
import type { OnEvent } from './events';
import type { Manifest } from './manifest';
import { startTool } from './run-tool';
import type { Tools } from './tools';

/** Where an archive is loaded into, and how. */
export interface Destination {
  readonly db: Db;
  readonly url: string;
  readonly isReplicaSet: boolean;
  readonly tools: Tools;
  /** Rejects when nothing may be written any more. */
  readonly guard: () => Promise<void>;
  /** Collections of the archive that stay where they are. */
  readonly leftOut: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Restores the documents of an archive, in their order, and no index: a TTL would delete some before they are compared.
 * @throws Error when a single document was not restored.
 */
export async function loadDocuments(archive: CheckedArchive, to: Destination): Promise<void> {
  const from = archive.manifest.database;
  const restoring = await startTool(to.tools, 'mongorestore', to.url, [
    '--archive',
    '--gzip',
    `--nsFrom=${from}.*`,
    `--nsTo=${to.db.databaseName}.*`,
    ...[...to.leftOut, neverDumped].map((name) => `--nsExclude=${from}.${name}`),
    '--noIndexRestore',
    // What is there was accepted once, by whatever rules held then.
    '--bypassDocumentValidation',
    '--stopOnError',
    '--maintainInsertionOrder',
  ]);
  let stopped: unknown;
  const watch = setInterval(() => {
    guarded(to).catch((error: unknown) => {
      stopped ??= error;
      restoring.kill();
    });
  }, 1_000);
  const total = archive.manifest.parts.reduce((sum, { size }) => sum + size, 0);
  try {
    const [fed, ended] = await Promise.allSettled([
      pipeline(Readable.from(counted(dumpOf(archive), total, to.onEvent), { objectMode: false }), restoring.stdin),
      restoring.ended,
    ]);
    if (stopped !== undefined) throw stopped as Error;
    if (fed.status === 'rejected' && (fed.reason as { code?: unknown }).code === 'DAMAGED') throw fed.reason as Error;
    if (ended.status === 'rejected') throw ended.reason as Error;
    checkSummary(ended.value);
  } finally {
    clearInterval(watch);
  }
}

async function guarded({ guard, signal }: Destination): Promise<void> {
  refuseStopped(signal);
  await guard();
}

const mebibyte = 1024 * 1024;

async function* counted(parts: AsyncIterable<Buffer>, total: number, onEvent?: OnEvent): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const part of parts) {
    yield part;
    done += part.length;
    const inMebibytes = (bytes: number) => Math.ceil(bytes / mebibyte);
    onEvent?.({ type: 'progress', what: 'restoring, MiB', done: inMebibytes(done), total: inMebibytes(total) });
  }
}

/** Its exit code alone does not tell. */
function checkSummary(said: string): void {
  const failed = /(\d+) document\(s\) failed to restore/.exec(said)?.[1];
  if (failed === '0') return;
  throw backupError('FAILED', `mongorestore could not restore ${failed ?? 'an unknown number of'} documents.`);
}

/** Builds the indexes that an archive's metadata name, exactly as the server told them. */
export async function buildIndexes({ collections }: Dump, to: Destination): Promise<void> {
  for (const { name, type, metadata } of collections) {
    if (type === 'view' || to.leftOut.includes(name)) continue;
    const indexes = (metadata.indexes ?? [])
      .filter((index) => index['name'] !== '_id_' && index['clustered'] !== true)
      // Without one it would inherit that of the collection.
      .map((index): Document =>
        metadata.options?.['collation'] ? { collation: { locale: 'simple' }, ...index } : index,
      );
    if (indexes.length === 0) continue;
    await guarded(to);
    to.onEvent?.({ type: 'step', message: `building ${indexes.length} indexes of ${name}` });
    await to.db.command({
      createIndexes: name,
      indexes,
      writeConcern: { w: majority.w },
      ...(to.isReplicaSet && { commitQuorum: 'majority' }),
    });
  }
}

/** In how many documents a database differs from an archive, by collection. In words; none when it does not. */
export async function differentCounts(db: Db, manifest: Manifest, leftOut: readonly string[]): Promise<string[]> {
  const counted = manifest.collections.filter(
    ({ name }) => !leftOut.includes(name) && !Object.hasOwn(manifest.others, name),
  );
  const found = await Promise.all(
    counted.map(async ({ name, documents }) => {
      const count = await db.collection(name).countDocuments({});
      return count === documents ? [] : [`${name}: ${count} documents instead of ${documents}`];
    }),
  );
  return found.flat();
}

/** Where options, validators or indexes of a database differ from an archive. In words; none when they do not. */
export async function differentSchema(db: Db, manifest: Manifest): Promise<string[]> {
  const { schema, others } = await readSchema(db);
  const kinds = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([name, kind]) => `${name}: ${kind}`);
  const [wanted, there] = [kinds(manifest.others), kinds(Object.fromEntries(others))];
  return [
    ...diff(manifest.schema, schema).map(({ at }) => describePlace(at)),
    ...wanted.filter((one) => !there.includes(one)),
    ...there.filter((one) => !wanted.includes(one)),
  ];
}
