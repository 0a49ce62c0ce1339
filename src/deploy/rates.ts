import type { RecordedWork, WorkKind } from '../history';

/** The amount of data that a piece of work processes. */
export type Extent = Omit<RecordedWork, 'milliseconds'>;

/** A duration in milliseconds: the expected value, and the bounds of the likely range. */
export interface Expected {
  readonly milliseconds: number;
  readonly least: number;
  readonly most: number;
  /** The number of earlier measurements on this database that the rate is based on. */
  readonly measured: number;
}

/**
 * Functions that return the cost of work in units. A unit is one index entry or one document that is written, and takes about the same time
 * whatever the size of the documents. The numbers below were found by measuring the duration of builds and backfills of documents of 100
 * and of 2,000 bytes.
 */
const units: { readonly [K in WorkKind]: (extent: Extent) => number } = {
  'index build': ({ documents, bytes, indexes }) => documents * (0.3 + indexes * sorting(documents)) + bytes / 4_000,
  // A text index has an entry for each word.
  'text index build': ({ documents, bytes, indexes }) => (documents * indexes + bytes / 150) * sorting(documents),
  backfill: backfillUnits,
  'backfill once': backfillUnits,
};

/** Returns the cost of sorting one key of an index. The cost grows with the number of keys, and is 1 for 100,000 keys. */
function sorting(documents: number): number {
  return Math.log2(documents + 2) / Math.log2(100_000);
}

/** Returns the cost of a backfill: all documents are read, and the matching documents are written. */
function backfillUnits({ documents, bytes, matched }: Extent): number {
  const matchedBytes = documents > 0 ? (bytes * matched) / documents : 0;
  return matched + documents / 15 + matchedBytes / 10_000;
}

/** The default rate in units per second, which is used when there are no measurements: about half the rate of a small server. */
const cautious: { readonly [K in WorkKind]: number } = {
  'index build': 120_000,
  'text index build': 50_000,
  backfill: 8_000,
  'backfill once': 5_000,
};
/** The likely range around the default rate, as factors. The range is wide, because servers differ. */
const [lessElsewhere, moreElsewhere] = [5, 2];
/** The likely range around a measured rate, as factors. */
const doubtHere = 2;
/** How many of the latest measurements are used. Older measurements may come from another machine. */
const newest = 5;

/**
 * Estimates how long work takes, from measurements on the same collection; else from measurements in this database; else from cautious
 * rates.
 */
export function expectedTime(done: readonly RecordedWork[], extent: Extent): Expected {
  const toDo = units[extent.kind](extent);
  const sameKind = done.filter(({ kind, milliseconds }) => kind === extent.kind && milliseconds > 0);
  const sameCollection = sameKind.filter(({ collection }) => collection === extent.collection);
  const alike = (sameCollection.length > 0 ? sameCollection : sameKind).slice(-newest);
  const times = alike
    .map((one) => (toDo * one.milliseconds) / units[one.kind](one))
    .filter(Number.isFinite)
    .sort((one, other) => one - other);
  const [fastest, middle, slowest] = [times[0], times[Math.floor(times.length / 2)], times.at(-1)];
  if (fastest === undefined || middle === undefined || slowest === undefined) {
    const milliseconds = (toDo / cautious[extent.kind]) * 1000;
    return { milliseconds, least: milliseconds / lessElsewhere, most: milliseconds * moreElsewhere, measured: 0 };
  }
  return {
    milliseconds: middle,
    least: Math.min(fastest, middle / doubtHere),
    most: Math.max(slowest, middle * doubtHere),
    measured: times.length,
  };
}
