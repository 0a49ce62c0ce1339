import { createHash } from 'node:crypto';
import type { CollectionInfo, Db, Document } from 'mongodb';
import { isOwnIn, majority, readSchema } from '../database';
import { isRestoreName, ownCollections, replacedName, stagedName } from '../schema';
import { bytesOf } from '../support/exact-bson';
import { SchemaError } from '../support/schema-error';
import type { CheckedArchive } from './archive-reader';
import { isSkipped } from './dump-into';
import type { DumpedCollection } from './dump-stream';
import { buildIndexes, differencesTo, loadDocuments, refuseDifferences, type Destination } from './load';
import { kept, type RestoreOptions } from './restore-plan';
import { encode, look, uuidIn, viewDefinition, type Standing, type SwapEntry, type Thing } from './swap-plan';
import { definitionOfSeries } from './swap-series';

/** Returns the collections of an archive that must be loaded, with their temporary names. Views are not loaded: they have no documents. */
export function stagedNames(database: string, { dump }: CheckedArchive): Map<string, string> {
  const loaded = dump.collections.filter(
    ({ name, type }) => type !== 'view' && !neverLoaded.has(name) && !isSkipped(name),
  );
  return new Map(loaded.map(({ name }) => [name, stagedName(database, name)]));
}

/** Collections that are never loaded: the lease belongs to the server, and stored functions (system.js) cannot be exchanged. */
const neverLoaded: ReadonlySet<string> = new Set([ownCollections.lock, 'system.js']);

/**
 * Refuses collections in the database or in an archive whose names look like the temporary names of a restore: they could be mistaken for
 * temporary collections.
 * @param ours the names of collections that an earlier restore left behind
 * @throws error with code `BACKUP` that lists these collections
 */
export function refuseOwnNames(here: Iterable<string>, archive: CheckedArchive, ours: ReadonlySet<string>): void {
  const live = [...here].filter((name) => isRestoreName(name) && !ours.has(name));
  const archived = archive.dump.collections.map(({ name }) => name).filter(isRestoreName);
  if (live.length + archived.length === 0) return;
  throw new SchemaError('BACKUP', 'Some names are reserved for restores, so nothing was changed', {
    why: [
      ...live.map((name) => `the database has the collection ${JSON.stringify(name)}, but no restore created it`),
      ...archived.map((name) => `the backup holds ${JSON.stringify(name)}`),
    ],
    fix: 'rename or drop the collections whose names begin with restoring_ or replaced_',
  });
}

/**
 * Refuses an archive with collections that cannot be loaded. Earlier versions made such backups.
 * @throws error with code `BACKUP` that names these collections
 */
export function refuseSkipped(
  { dump }: CheckedArchive,
  { allowDifferences, onEvent }: Pick<RestoreOptions, 'allowDifferences' | 'onEvent'>,
): void {
  const skipped = dump.collections.filter(({ name }) => isSkipped(name)).map(({ name }) => JSON.stringify(name));
  if (skipped.length === 0) return;
  const why = `mongorestore leaves out ${skipped.join(', ')}, because the name contains a line end`;
  if (allowDifferences) {
    onEvent?.({ type: 'warning', message: why });
    return;
  }
  throw new SchemaError('BACKUP', 'A collection of the backup cannot be restored, so nothing was changed', {
    why,
    fix: 'restore everything else with --allow-differences',
  });
}

/**
 * Loads an archive into temporary collections, builds their indexes, and compares everything with the archive. Documents are compared
 * before a TTL index could delete them.
 * @throws error with code `BACKUP` that lists the differences, and how to accept changed documents
 */
export async function stage(
  archive: CheckedArchive,
  to: Destination & { readonly names: ReadonlyMap<string, string> },
  options: Pick<RestoreOptions, 'allowDifferences'> & {
    /** Makes a write and waits until a majority has it. The majority then has all earlier writes too. */
    readonly settle: () => Promise<void>;
  },
): Promise<void> {
  const { db, names, onEvent } = to;
  const clustered = await createClusteredWithTtl(archive, to);
  await loadDocuments(archive, to);
  // Wait before the comparison, so that a failover cannot remove what was compared.
  await options.settle();
  onEvent?.({ type: 'step', message: 'comparing the loaded data, and building indexes' });
  const isTtl = (index: Document) => index['expireAfterSeconds'] !== undefined;
  const [compared, built] = await Promise.allSettled([
    compareDocuments(archive, to, options),
    buildIndexes(archive.dump, to, (index) => !isTtl(index)),
  ]);
  for (const one of [compared, built]) if (one.status === 'rejected') throw one.reason;
  await buildIndexes(archive.dump, to, isTtl);
  for (const [name, expireAfterSeconds] of clustered) {
    await db.command({ collMod: name, expireAfterSeconds, writeConcern: majority });
  }
  // Leave out this tool's own collections, which are not part of a schema.
  const inSchema = [...names].filter(([name]) => !isOwnIn(db, name)).map(([name, staged]) => [staged, name] as const);
  const staged = await readSchema(db, { as: new Map(inSchema) });
  const isLoaded = (name: string) => !isSkipped(name);
  refuseDifferences(differencesTo(archive.manifest, staged, { views: false, isCompared: isLoaded }));
}

async function compareDocuments(
  archive: CheckedArchive,
  to: Destination & { readonly names: ReadonlyMap<string, string> },
  { allowDifferences = false }: Pick<RestoreOptions, 'allowDifferences'>,
): Promise<void> {
  const { counts, contents } = await differentDocuments(archive, to);
  if (counts.length > 0 || (contents.length > 0 && !allowDifferences)) {
    const asItIs = counts.length > 0 ? '' : ', or restore this backup in spite of that with --allow-differences';
    refuseDifferences([...counts, ...contents], `restore another backup${asItIs}`);
  }
  for (const difference of contents) to.onEvent?.({ type: 'warning', message: difference });
}

/**
 * Creates clustered collections without their TTL, which would delete documents during loading. Returns the TTLs by temporary name, so that
 * the caller can set them later.
 */
async function createClusteredWithTtl(
  { dump }: CheckedArchive,
  { db, names }: { readonly db: Db; readonly names: ReadonlyMap<string, string> },
): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const { name, type, metadata } of dump.collections) {
    const staged = names.get(name);
    const { expireAfterSeconds, ...options } = metadata.options ?? {};
    if (staged === undefined || type === 'timeseries' || expireAfterSeconds === undefined) continue;
    await db.command({ create: staged, ...options, writeConcern: majority });
    found.set(staged, expireAfterSeconds);
  }
  return found;
}

/** How many readers work in parallel. More readers would only wait for each other. */
const readers = 4;

/** Reads the loaded documents, and returns how they differ from those of the archive. */
async function differentDocuments(
  { dump }: CheckedArchive,
  { db, names, guard }: Pick<Destination, 'db' | 'guard'> & { readonly names: ReadonlyMap<string, string> },
): Promise<{ counts: string[]; contents: string[] }> {
  const counts: string[] = [];
  const contents: string[] = [];
  const waiting = dump.collections.filter(({ name }) => names.has(name));
  const read = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, documents, sha256 } = next;
      const there = await digestOf(db, placeOf(next, names.get(name) ?? name), guard);
      if (there.documents !== documents) {
        counts.push(`${name}: ${there.documents} documents were loaded instead of ${documents}`);
      } else if (there.sha256 !== sha256) contents.push(`the documents of ${name} differ from those of the backup`);
    }
  };
  await Promise.all(Array.from({ length: readers }, read));
  return { counts: counts.sort(), contents: contents.sort() };
}

function placeOf({ type }: DumpedCollection, name: string): string {
  return type === 'timeseries' ? `system.buckets.${name}` : name;
}

/** In documents. Larger batches are no faster and need more memory. A batch is never larger than 16 MiB. */
const batchSize = 2_000;

async function digestOf(
  db: Db,
  name: string,
  guard: () => Promise<void>,
): Promise<{ documents: number; sha256: string }> {
  const hash = createHash('sha256');
  let documents = 0;
  const cursor = db.collection(name).find({}, { raw: true, readConcern: 'local', batchSize });
  while (await cursor.hasNext()) {
    // Read the whole batch at once: reading single documents takes twice as long.
    const batch = cursor.readBufferedDocuments().map(bytesOf);
    hash.update(Buffer.concat(batch));
    documents += batch.length;
    await guard();
  }
  return { documents, sha256: hash.digest('hex') };
}

/** Plans the exchange of all present collections with all loaded ones. */
export async function planSwap(
  archive: CheckedArchive,
  db: Db,
  { names, before }: { readonly names: ReadonlyMap<string, string>; readonly before: ReadonlyMap<string, number> },
): Promise<SwapEntry[]> {
  const standing = await look(db);
  const { databaseName } = db;
  const dumped = new Map(archive.dump.collections.map((one) => [one.name, one]));
  const live = [...standing].filter(([name]) => isExchanged(name)).map(([name]) => name);
  const archived = [...dumped.keys()].filter(
    (name) => isExchanged(name) && (names.has(name) || isView(dumped.get(name))),
  );
  const all = [...new Set([...live, ...archived])].sort();
  return Promise.all(
    all.map(async (name): Promise<SwapEntry> => {
      const info = standing.get(name);
      const from = info && (await thingOf(db, standing, info, before.get(name) ?? 0));
      const one = archived.includes(name) ? dumped.get(name) : undefined;
      const to = one && thingToBe(one, standing, names.get(name) ?? name);
      return {
        name,
        class: from && to ? 'replace' : to ? 'add' : 'remove',
        stagedAs: stagedName(databaseName, name),
        replacedAs: replacedName(databaseName, name),
        ...(from && { from }),
        ...(to && { to }),
      };
    }),
  );
}

function isExchanged(name: string): boolean {
  return !name.startsWith('system.') && !isRestoreName(name) && !kept.includes(name);
}

function isView(one: DumpedCollection | undefined): boolean {
  return one?.type === 'view';
}

async function thingOf(
  db: Db,
  standing: Standing,
  { name, type, options }: CollectionInfo,
  documents: number,
): Promise<Thing> {
  if (type === 'view') return { kind: 'view', definition: viewDefinition(options ?? {}) };
  const uuid = uuidIn(standing, name);
  if (!uuid)
    throw new SchemaError('BACKUP', `${name} cannot be exchanged`, { why: `the server reports no UUID for it` });
  if (type !== 'timeseries') return { kind: 'collection', uuid, documents };
  return { kind: 'timeseries', uuid, documents, definition: await definitionOfSeries(db, name, standing) };
}

function thingToBe({ name, type, documents, metadata }: DumpedCollection, standing: Standing, staged: string): Thing {
  const options: Document = metadata.options ?? {};
  if (type === 'view') return { kind: 'view', definition: viewDefinition(options) };
  const uuid = uuidIn(standing, staged);
  if (!uuid) throw new SchemaError('BACKUP', `${name} was not loaded`, { why: `${staged} does not exist` });
  if (type !== 'timeseries') return { kind: 'collection', uuid, documents };
  const indexes = (metadata.indexes ?? []).map(({ v: _version, ns: _place, ...index }) => index);
  return { kind: 'timeseries', uuid, documents, definition: encode({ options, indexes }) };
}
