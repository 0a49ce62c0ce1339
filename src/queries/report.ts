import { queriesAlike } from './known';
import type { KnownQuery } from '../indexes';
import type { Schema } from '../schema';
import { indexesIn, planText } from './plan-summary';
import { shapeText, type QueryShape } from './query';
import { serves, verdictOn, type IndexVerdict, type WantedIndex } from './serving';
import { percentile, type ShapeTally, type Tally } from './tally';

/** All slow queries of one shape. This summary contains no values of queries or documents. */
export interface SlowShape extends QueryShape {
  readonly collection: string;
  /** The shape in one line, without the collection. */
  readonly text: string;
  readonly count: number;
  readonly milliseconds: { readonly total: number; readonly p50: number; readonly p95: number; readonly max: number };
  /** Keys or documents examined, whichever number is larger, summed over all queries of the shape. */
  readonly examined: number;
  /** Documents returned, changed or deleted. Null if the server does not count them. */
  readonly returned: number | null;
  /** `examined` divided by `returned`. Null if nothing was returned. */
  readonly examinedPerReturned: number | null;
  /** The plans that the server used, the most frequent first: `IXSCAN user_id_1, SORT`. */
  readonly plans: readonly string[];
  /** The names of the indexes in these plans. */
  readonly usedIndexes: readonly string[];
  /** The names of the known queries of this shape. */
  readonly known: readonly string[];
  readonly index: IndexVerdict;
}

export interface SlowIndex extends WantedIndex {
  readonly collection: string;
  /** A description of the queries that the index would serve, for the `serves` text in a migration. */
  readonly serves: string;
}

export interface ShapesReport {
  /** The number of slow queries that were counted. */
  readonly entries: number;
  /** The times of the first and the last slow query. */
  readonly first?: Date;
  readonly last?: Date;
  /** The shapes, sorted by total time, the largest first. */
  readonly shapes: readonly SlowShape[];
  /** The number of all shapes, including those that are not in `shapes`. */
  readonly shapesInAll: number;
  /** The number of slow queries that were not assigned to a shape, because the maximum number of shapes was reached. */
  readonly beyond?: number;
  /** The indexes that would serve the shapes shown. An index is omitted if a longer index in the list begins with its key. */
  readonly wanted: readonly SlowIndex[];
}

export interface ReportOptions {
  readonly schema: Schema;
  readonly queries: readonly KnownQuery[];
  /** The maximum number of shapes. */
  readonly top: number;
}

/** Returns the report on a tally, with the shapes sorted by total time. */
export function reportOn(tally: Tally, { schema, queries, top }: ReportOptions): ShapesReport {
  const ordered = [...tally.shapes].sort((one, other) => other.total - one.total || other.count - one.count);
  const shown = ordered.slice(0, top).map((one) => ({ one, verdict: verdictOn(one.needs, one.collection, schema) }));
  const { entries, first, last, beyond } = tally;
  return {
    entries,
    ...(first && { first }),
    ...(last && { last }),
    shapes: shown.map(({ one, verdict }) => describe(one, verdict, schema, queries)),
    shapesInAll: ordered.length,
    ...(beyond > 0 && { beyond }),
    wanted: wantedIn(shown),
  };
}

function describe(one: ShapeTally, index: IndexVerdict, schema: Schema, queries: readonly KnownQuery[]): SlowShape {
  const { collection, shape, count, total, examined, returned = null } = one;
  const used = [...one.plans.values()].sort((a, b) => b.count - a.count).map(({ plan }) => plan);
  const plans = used.map((plan) => planText(plan, collection, schema));
  return {
    collection,
    ...shape,
    text: shapeText(shape),
    count,
    milliseconds: { total, p50: percentile(one, 0.5), p95: percentile(one, 0.95), max: percentile(one, 1) },
    examined,
    returned,
    examinedPerReturned: returned ? examined / returned : null,
    plans: [...new Set(plans)].filter((plan) => plan !== ''),
    usedIndexes: [...new Set(used.flatMap((plan) => indexesIn(plan, collection, schema)))],
    known: queriesAlike(queries, collection, shape),
    index,
  };
}

/** Returns the wanted indexes. Leaves out an index if a longer wanted index also serves the query shapes that need it. */
function wantedIn(shown: readonly { readonly one: ShapeTally; readonly verdict: IndexVerdict }[]): SlowIndex[] {
  const all = shown.flatMap(({ one, verdict }) => ('wanted' in verdict ? [{ one, index: verdict.wanted }] : []));
  const longest = all.toSorted((a, b) => Object.keys(b.index.key).length - Object.keys(a.index.key).length);
  const kept: typeof all = [];
  for (const candidate of longest) {
    const { collection, needs } = candidate.one;
    const isServed = kept.some(({ one, index }) => one.collection === collection && serves(index.key, needs));
    if (!isServed) kept.push(candidate);
  }
  return all
    .filter((one) => kept.includes(one))
    .map(({ one: { collection, shape, needs }, index }) => ({
      collection,
      ...index,
      serves: servesText(shape, needs),
    }));
}

/** Returns a generated text such as `find by status, sorted by created_at (descending)`. Authors of migrations should improve this text. */
function servesText({ operation }: QueryShape, { equal, sort, range }: ShapeTally['needs']): string {
  const by = [...equal, ...range.slice(0, 1)];
  const order = sort.map(([path, direction]) => (direction === 1 ? path : `${path} (descending)`));
  const filtered = by.length > 0 ? `${operation} by ${by.join(' and ')}` : operation;
  return order.length > 0 ? `${filtered}, sorted by ${order.join(' and ')}` : filtered;
}
