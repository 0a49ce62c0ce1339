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

/** The collections of an archive that are loaded, each with the name that it gets first. Views have no documents. */
export function stagedNames(database: string, { dump }: CheckedArchive): Map<string, string> {
  const loaded = dump.collections.filter(
    ({ name, type }) => type !== 'view' && !neverLoaded.has(name) && !isSkipped(name),
  );
  return new Map(loaded.map(({ name }) => [name, stagedName(database, name)]));
}

/** The lease belongs to the server; functions that are stored in the database cannot be exchanged. */
const neverLoaded: ReadonlySet<string> = new Set([ownCollections.lock, 'system.js']);

/**
 * Refuses names that a restore gives itself, in the database or in an archive: what has one would be taken for something else.
 * @param ours those that an earlier restore is known to have left
 * @throws error with code `BACKUP` that lists them
 */
export function refuseOwnNames(here: Iterable<string>, archive: CheckedArchive, ours: ReadonlySet<string>): void {
  const live = [...here].filter((name) => isRestoreName(name) && !ours.has(name));
  const archived = archive.dump.collections.map(({ name }) => name).filter(isRestoreName);
  if (live.length + archived.length === 0) return;
  throw new SchemaError('BACKUP', 'Some names are kept for restores, so nothing was changed', {
    why: [
      ...live.map((name) => `the database holds ${JSON.stringify(name)}, and no restore is known to have made it`),
      ...archived.map((name) => `the backup holds ${JSON.stringify(name)}`),
    ],
    fix: 'give collections whose names begin with restoring_ or replaced_ another name, or drop them',
  });
}

/**
 * Refuses an archive that holds what cannot be loaded: earlier versions took such backups.
 * @throws error with code `BACKUP` that names it
 */
export function refuseSkipped(
  { dump }: CheckedArchive,
  { allowDifferences, onEvent }: Pick<RestoreOptions, 'allowDifferences' | 'onEvent'>,
): void {
  const skipped = dump.collections.filter(({ name }) => isSkipped(name)).map(({ name }) => JSON.stringify(name));
  if (skipped.length === 0) return;
  const why = `mongorestore leaves out ${skipped.join(', ')}, since the name holds a line end`;
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
 * Loads an archive beside what is there, builds everything that belongs to it, and compares all of it. Documents are compared before
 * anything can delete them: a TTL would.
 * @throws error with code `BACKUP` that lists what differs, and how to accept other contents
 */
export async function stage(
  archive: CheckedArchive,
  to: Destination & { readonly names: ReadonlyMap<string, string> },
  options: Pick<RestoreOptions, 'allowDifferences'> & {
    /** Writes something that a majority acknowledges, and with it everything before. */
    readonly settle: () => Promise<void>;
  },
): Promise<void> {
  const { db, names, onEvent } = to;
  const clustered = await createClusteredWithTtl(archive, to);
  await loadDocuments(archive, to);
  // Before it is read: no failover can take away what is compared from here on.
  await options.settle();
  onEvent?.({ type: 'step', message: 'comparing what was loaded, and building indexes' });
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
  // The backup's own collections are part of no schema.
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
    const asItIs = counts.length > 0 ? '' : ', or this one as it is with --allow-differences';
    refuseDifferences([...counts, ...contents], `restore another backup${asItIs}`);
  }
  for (const difference of contents) to.onEvent?.({ type: 'warning', message: difference });
}

/** They would delete documents while they are loaded: they get their TTL later. Returns it by the name that they have first. */
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

/** How many readers work at the same time; more would only wait for each other. */
const readers = 4;

/** Reads back what was loaded, in its order, as the archive has it. */
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

/** In documents. Larger ones are no faster, and take more memory until it is collected; the server sends 16 MiB at most. */
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
    // The whole batch at once: one document at a time takes twice as long.
    const batch = cursor.readBufferedDocuments().map(bytesOf);
    hash.update(Buffer.concat(batch));
    documents += batch.length;
    await guard();
  }
  return { documents, sha256: hash.digest('hex') };
}

/** What a restore exchanges for what: everything that is there for everything that was loaded. */
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
  if (!uuid) throw new SchemaError('BACKUP', `${name} cannot be exchanged`, { why: `the server tells no UUID of it` });
  if (type !== 'timeseries') return { kind: 'collection', uuid, documents };
  return { kind: 'timeseries', uuid, documents, definition: await definitionOfSeries(db, name, standing) };
}

function thingToBe({ name, type, documents, metadata }: DumpedCollection, standing: Standing, staged: string): Thing {
  const options: Document = metadata.options ?? {};
  if (type === 'view') return { kind: 'view', definition: viewDefinition(options) };
  const uuid = uuidIn(standing, staged);
  if (!uuid) throw new SchemaError('BACKUP', `${name} was not loaded`, { why: `${staged} is not there` });
  if (type !== 'timeseries') return { kind: 'collection', uuid, documents };
  const indexes = (metadata.indexes ?? []).map(({ v: _version, ns: _place, ...index }) => index);
  return { kind: 'timeseries', uuid, documents, definition: encode({ options, indexes }) };
}
