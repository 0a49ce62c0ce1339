import { bytes, grouped, markdownTable, time } from './markdown';

/** The content of bench/rates.json, which bench/rates.ts writes. */
export interface Rates {
  readonly date: string;
  readonly server: string;
  readonly machine: { readonly processor: string; readonly cores: number; readonly memoryGiB: number };
  /** The other load on the machine. */
  readonly note: string;
  readonly seeded: { readonly users: number; readonly projects: number; readonly results: number };
  readonly collections: Readonly<Record<string, CollectionSize>>;
  readonly perSecond: {
    readonly indexedDocuments: number;
    readonly backfilledDocuments: number;
    /** The size of the uncompressed data, as the server counts it. */
    readonly backedUpMiB: number;
    readonly restoredMiB: number;
  };
}

/** The sizes of a collection, in bytes. */
export interface CollectionSize {
  readonly documents: number;
  readonly data: number;
  readonly storage: number;
  /** The sizes of the indexes, by name. */
  readonly indexes: Readonly<Record<string, number>>;
}

const million = 1_000_000;
export const scales = [
  { name: '10 million', results: 10 * million },
  { name: '1 billion', results: 1_000 * million },
  { name: '10 billion', results: 10_000 * million },
] as const;
/** By default, the cache of a mongod takes this share of the machine's memory minus 1 GiB. */
const shareOfCache = 0.5;

/** Returns the text about the measurement and the machine. */
export function measuredText({ date, server, machine, note, seeded }: Rates): string {
  const { processor, cores, memoryGiB } = machine;
  return [
    `Measured on ${date}, on mongod ${server}, a replica set of one member, with ${cores} cores (${processor}) and ${memoryGiB} GiB of memory; ${note}.`,
    `The seeder made ${grouped(seeded.results)} results of ${grouped(seeded.projects)} projects of ${grouped(seeded.users)} users.`,
  ].join('\n');
}

/** Returns the table of the data of each collection, and the total size on disk. */
export function sizesTable({ collections, seeded }: Rates): string {
  const names = Object.keys(collections).sort((one, other) => dataOf(other) - dataOf(one));
  const factors = scales.map(({ results }) => results / seeded.results);
  const rows = names.map((name) => [
    `\`${name}\``,
    grouped(collections[name]?.documents ?? 0),
    grouped(dataOf(name) / (collections[name]?.documents ?? 1)),
    ...factors.map((factor) => bytes(dataOf(name) * factor)),
  ]);
  const all = Object.values(collections);
  const total = (what: string, sizeOf: (one: CollectionSize) => number) => {
    const size = all.reduce((sum, one) => sum + sizeOf(one), 0);
    return [what, '', '', ...factors.map((factor) => bytes(size * factor))];
  };
  return markdownTable(
    ['data of', 'documents', 'bytes each', ...scales.map(({ name }) => name)],
    [
      ...rows,
      total('all data, not compressed', ({ data }) => data),
      total('all data, on disk', ({ storage }) => storage),
      total('all indexes, on disk', (one) => indexBytes(one)),
    ],
  );

  function dataOf(name: string): number {
    return collections[name]?.data ?? 0;
  }
}

/** Returns the table of the indexes of `results`, and the memory that they need. */
export function indexesTable({ collections, seeded }: Rates): string {
  const results = collections['results'];
  if (results === undefined) throw new Error('bench/rates.json contains no sizes of results');
  const names = Object.keys(results.indexes).sort(
    (one, other) => (results.indexes[other] ?? 0) - (results.indexes[one] ?? 0),
  );
  const factors = scales.map(({ results: count }) => count / seeded.results);
  const row = (what: string, size: number) => [
    what,
    (size / results.documents).toFixed(1),
    ...factors.map((factor) => bytes(size * factor)),
  ];
  const total = indexBytes(results);
  return markdownTable(
    ['index of `results`', 'bytes per result', ...scales.map(({ name }) => name)],
    [
      ...names.map((name) => row(`\`${name}\``, results.indexes[name] ?? 0)),
      row('all indexes', total),
      row('memory of a member that keeps all indexes in its cache', total / shareOfCache),
    ],
  );
}

/** Returns the table of durations, extrapolated from the measured rates. */
export function timesTable({ collections, seeded, perSecond }: Rates): string {
  const data = Object.values(collections).reduce((sum, one) => sum + one.data, 0);
  const row = (what: string, rate: string, seconds: (results: number) => number) => [
    what,
    rate,
    ...scales.map(({ results }) => time(seconds(results))),
  ];
  const mebibytes = (results: number) => (data * (results / seeded.results)) / 2 ** 20;
  const { indexedDocuments, backfilledDocuments, backedUpMiB, restoredMiB } = perSecond;
  return markdownTable(
    ['', 'measured per second', ...scales.map(({ name }) => name)],
    [
      row('one more index on `results`', `${grouped(indexedDocuments)} documents`, (count) => count / indexedDocuments),
      row(
        'a backfill of all results',
        `${grouped(backfilledDocuments)} documents`,
        (count) => count / backfilledDocuments,
      ),
      row('a backup, with reading it back', `${backedUpMiB} MiB of data`, (count) => mebibytes(count) / backedUpMiB),
      row('a restore, with its comparison', `${restoredMiB} MiB of data`, (count) => mebibytes(count) / restoredMiB),
    ],
  );
}

function indexBytes({ indexes }: CollectionSize): number {
  return Object.values(indexes).reduce((sum, one) => sum + one, 0);
}
