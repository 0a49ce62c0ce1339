import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { collationProblems } from './collations';
import { storageEngine } from './storage-engine';
import { timeSeriesProblems } from './time-series';
import { flag, object, optionProblems, show, whole, type Known, type KnownOptions } from './values';

/** The maximum number of bytes and of documents in a capped collection. */
const maxSize = 2 ** 50;
const maxDocuments = 2 ** 31 - 1;
/** In seconds. The server refuses an expiry that reaches back before 1970. The server's limit grows with time, and exceeds this number. */
const maxExpiry = 1_700_000_000;

const preAndPostImages: Known = {
  words: '{ enabled: true } or { enabled: false }',
  takes: (value) =>
    isPlainObject(value) && Object.keys(value).join() === 'enabled' && typeof value['enabled'] === 'boolean',
};

const indexOptionDefaults: Known = {
  words: `{ storageEngine: … } with ${storageEngine.words}`,
  takes: (value) =>
    isPlainObject(value) &&
    Object.keys(value).join() === 'storageEngine' &&
    storageEngine.takes(value['storageEngine'] ?? null),
};

/**
 * The options with which a collection can be created, and which the server reports unchanged.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/create/
 */
const known: KnownOptions = {
  capped: flag,
  size: whole(1, maxSize),
  max: whole(1, maxDocuments),
  collation: object,
  clusteredIndex: object,
  expireAfterSeconds: whole(0, maxExpiry),
  changeStreamPreAndPostImages: preAndPostImages,
  storageEngine,
  indexOptionDefaults,
};

/** Options that the server accepts, but does not store, or stores differently. */
const advice: ReadonlyMap<string, string> = new Map([
  ['comment', 'the server does not store it; write the comment in the migration instead'],
  ['flags', 'leave it out: the server ignores it'],
  ['autoIndexId', 'leave it out: every collection has an index on _id'],
  ['encryptedFields', 'collections with Queryable Encryption must be made by a client that has the keys'],
  ['writeConcern', 'leave it out: every change waits for a majority'],
  ['readConcern', 'leave it out'],
  ['maxTimeMS', 'leave it out: the run sets its own limits'],
  ['temp', 'leave it out: only the server itself makes temporary collections'],
]);

const clustered: KnownOptions = {
  key: { words: '{ _id: 1 }', takes: (value) => isPlainObject(value) && JSON.stringify(value) === '{"_id":1}' },
  unique: { words: 'true', takes: (value) => value === true },
  name: { words: 'a text', takes: (value) => typeof value === 'string' && value !== '' && !value.includes('\0') },
  v: { words: '2, or left out', takes: (value) => value === 2 },
};

/**
 * Yields the problems for which the server would refuse a collection's options or store other options. Each problem is the end of a
 * sentence that begins with the collection's name.
 */
export function* collectionProblems(options: PlainObject): Generator<string> {
  yield* cappedProblems(options);
  const { size: _size, max: _max, collation, clusteredIndex, timeseries, ...others } = options;
  yield* optionProblems(others, known, advice);
  if (collation !== undefined) yield* collationProblems(collation, 'collection');
  if (clusteredIndex !== undefined) yield* clusteredProblems(clusteredIndex);
  if (timeseries !== undefined) yield* timeSeriesProblems(timeseries, options);
  else if (options['expireAfterSeconds'] !== undefined && clusteredIndex === undefined)
    yield 'has `expireAfterSeconds`, which needs a clusteredIndex; use createIndexes with a TTL';
}

function* cappedProblems({ capped, size, max, clusteredIndex }: PlainObject): Generator<string> {
  if (capped !== true) {
    if (size !== undefined || max !== undefined) yield 'has a size or max, which need `capped: true`';
    return;
  }
  if (clusteredIndex !== undefined) yield 'is clustered and capped, which is not allowed';
  if (size === undefined || !known['size']?.takes(size))
    yield `is capped, and has no valid size: give it a size that is ${known['size']?.words ?? ''}, in bytes`;
  if (max !== undefined && !known['max']?.takes(max))
    yield `is capped at ${show(max)} documents: give it a max that is ${known['max']?.words ?? ''}, or leave it out`;
}

function* clusteredProblems(clusteredIndex: Plain): Generator<string> {
  if (!isPlainObject(clusteredIndex)) {
    yield `has \`clusteredIndex: ${show(clusteredIndex)}\`, which must be { key: { _id: 1 }, unique: true }`;
    return;
  }
  for (const problem of optionProblems(clusteredIndex, clustered)) yield `has a clusteredIndex that ${problem}`;
  for (const needed of ['key', 'unique'])
    if (clusteredIndex[needed] === undefined)
      yield `has a clusteredIndex without \`${needed}\`: write { key: { _id: 1 }, unique: true }`;
}
