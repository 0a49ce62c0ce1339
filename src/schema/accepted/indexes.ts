import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { collationProblems } from './collations';
import { partialFilterProblems } from './filters';
import { attributeProblems, keyProblems, kindOfKey, pathProblem, type KeyKind } from './index-keys';
import { storageEngine } from './storage-engine';
import { finite, flag, object, optionProblems, show, text, whole, type Known, type KnownOptions } from './values';
import { wildcardProjectionProblems } from './wildcard-projections';

/** The largest expiry that the server accepts, in seconds. To the server, this value means "never". */
export const maxTtl = 2_147_483_647;
const maxWeight = 99_999;

/** The languages of a text index, in full and as ISO 639-1 codes. Case is ignored. */
export const textLanguages: ReadonlySet<string> = new Set(
  `none danish da dutch nl english en finnish fi french fr german de hungarian hu italian it norwegian nb portuguese pt romanian ro
  russian ru spanish es swedish sv turkish tr`.split(/\s+/),
);

const language: Known = {
  words: 'a language of text search, such as "english" or "none"',
  takes: (value) => typeof value === 'string' && textLanguages.has(value.toLowerCase()),
};

const languageOverride: Known = {
  words: 'the name of a field, without dots and dollar signs',
  takes: (value) => typeof value === 'string' && /^[^.$\0][^.\0]*$/.test(value),
};

/**
 * The options with which an index can be created, and which the server reports unchanged.
 * @see https://www.mongodb.com/docs/v7.0/reference/command/createIndexes/
 */
const known: KnownOptions = {
  unique: flag,
  sparse: flag,
  hidden: flag,
  prepareUnique: flag,
  expireAfterSeconds: { words: 'seconds', takes: () => true },
  partialFilterExpression: object,
  collation: object,
  weights: object,
  default_language: language,
  language_override: languageOverride,
  wildcardProjection: object,
  bits: whole(1, 32),
  min: finite,
  max: finite,
  storageEngine,
};

const newest = 'leave it out: the server uses its newest version';

/** Options that the server does not store as they are written, and options that people know from other tools, each with advice. */
const advice: ReadonlyMap<string, string> = new Map([
  ['v', newest],
  ['textIndexVersion', newest],
  ['2dsphereIndexVersion', newest],
  ['background', 'leave it out: every build allows reads and writes'],
  ['dropDups', 'leave it out: the server does not delete duplicates'],
  ['ns', 'leave it out'],
  ['comment', 'leave it out, and name the query that the index serves in `serves`'],
  ['commitQuorum', 'leave it out: the run waits for a majority'],
  ['bucketSize', 'geoHaystack indexes do not exist any more; use a 2d index'],
  ['clustered', 'give the collection a clusteredIndex in createCollections'],
  ['expireAfter', 'write `expireAfterSeconds`'],
  ['ttl', 'write `expireAfterSeconds`'],
  ['fields', 'write `key`'],
  ['keys', 'write `key`'],
  ['filter', 'write `partialFilterExpression`'],
  ['where', 'write `partialFilterExpression`'],
]);

/** Options that only one kind of index can have. */
const kindsOfOptions: ReadonlyMap<string, KeyKind> = new Map([
  ['default_language', 'text'],
  ['language_override', 'text'],
  ['bits', '2d'],
  ['min', '2d'],
  ['max', '2d'],
  ['wildcardProjection', 'wildcard'],
]);

/**
 * Yields the problems for which the server would refuse a definition, store another one, or crash. Each problem is the end of a sentence
 * that begins with the index's name.
 */
export function* indexProblems({ name, key, ...options }: PlainObject): Generator<string> {
  yield* nameProblems(name, key);
  yield* keyProblems(key);
  if (options['sparse'] === true && options['partialFilterExpression'] !== undefined)
    yield 'is both sparse and partial: keep only the partial filter';
  if (options['unique'] === true && options['prepareUnique'] === true)
    yield 'is unique, so prepareUnique has no effect: leave it out';
  yield* optionProblems(options, known, advice);
  if (isPlainObject(key)) yield* problemsOfKind(key, options);
  const { collation, partialFilterExpression: filter } = options;
  if (collation !== undefined) yield* collationProblems(collation, 'index');
  if (isPlainObject(filter))
    for (const problem of partialFilterProblems(filter)) yield `has a partial filter that ${problem}`;
}

function* nameProblems(name: Plain | undefined, key: Plain | undefined): Generator<string> {
  const isNumber = isPlainObject(key) && (key['_id'] === 1 || key['_id'] === -1) && Object.keys(key).length === 1;
  if (name === '_id_' || isNumber) yield 'is the index on _id, which every collection already has';
  else if (name === undefined || name === '') yield 'needs a name: the one MongoDB would give it';
  else if (typeof name !== 'string') yield `has \`name: ${show(name)}\`, which must be ${text.words}`;
  else if (name === '*' || name.includes('\0')) yield `has the name ${show(name)}, which is not allowed`;
}

function* problemsOfKind(key: PlainObject, options: PlainObject): Generator<string> {
  const kind = kindOfKey(key);
  const { weights, wildcardProjection, min = -180, max = 180 } = options;
  if (weights !== undefined && kind !== 'text') yield 'has weights, but no text field';
  else if (isPlainObject(weights)) yield* weightProblems(weights);
  for (const [option, whose] of kindsOfOptions) {
    if (options[option] !== undefined && kind !== whose) yield `has \`${option}\`, which is only for ${whose} indexes`;
  }
  if (kind === 'wildcard') {
    if (options['sparse'] === true) yield 'is sparse, which a wildcard index always is';
    yield* wildcardProjectionProblems(key, wildcardProjection);
  }
  if (kind === '2d' && typeof min === 'number' && typeof max === 'number' && min >= max)
    yield `has a min of ${show(min)} and a max of ${show(max)}: the max must be larger`;
  const { locale = 'simple' } = isPlainObject(options['collation']) ? options['collation'] : {};
  if (locale !== 'simple' && (kind === 'text' || kind === '2d'))
    yield `has a collation, which is not allowed for ${kind} indexes`;
  yield* attributeProblems(key, options);
}

function* weightProblems(weights: PlainObject): Generator<string> {
  for (const [field, weight] of Object.entries(weights)) {
    const problem = pathProblem(field, { wildcard: '$** alone' });
    if (problem !== undefined) yield `has a weight for ${show(field)}, which ${problem}`;
    if (!whole(1, maxWeight).takes(weight))
      yield `has the weight ${show(weight)} for ${field}, which must be ${whole(1, maxWeight).words}`;
  }
}
