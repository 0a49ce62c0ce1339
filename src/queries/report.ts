import { queriesAlike } from './known';
import type { KnownQuery } from '../indexes';
import type { Schema } from '../schema';
import { planText } from './plan-summary';
import { shapeText, type QueryShape } from './query';
import { serves, verdictOn, type IndexVerdict, type WantedIndex } from './serving';
import { percentile, type ShapeTally, type Tally } from './tally';

/** All slow queries of one shape. No value of a query or of a document is in it. */
export interface SlowShape extends QueryShape {
  readonly collection: string;
  /** In one line, without the collection. */
  readonly text: string;
  readonly count: number;
  readonly milliseconds: { readonly total: number; readonly p50: number; readonly p95: number; readonly max: number };
  /** Keys or documents, whichever are more, of all of them together. */
  readonly examined: number;
  /** Documents that were returned, changed or removed; null where the server does not count them. */
  readonly returned: number | null;
  /** Null where nothing was returned. */
  readonly examinedPerReturned: number | null;
  /** Each plan that the server used, the most frequent first: `IXSCAN user_id_1, SORT`. */
  readonly plans: readonly string[];
  /** The known queries that have this shape. */
  readonly known: readonly string[];
  readonly index: IndexVerdict;
}

export interface SlowIndex extends WantedIndex {
  readonly collection: string;
  /** What it would serve, for the migration that makes it. */
  readonly serves: string;
}

export interface ShapesReport {
  /** The slow queries that were counted. */
  readonly entries: number;
  /** When the first and the last of them were written down. */
  readonly first?: Date;
  readonly last?: Date;
  /** Those of them that take most time, by the time that they take together. */
  readonly shapes: readonly SlowShape[];
  /** How many shapes there are in all. */
  readonly shapesInAll: number;
  /** Queries of more shapes than are kept apart. */
  readonly beyond?: number;
  /** The indexes that would serve the shapes shown. One that begins another one is not among them. */
  readonly wanted: readonly SlowIndex[];
}

export interface ReportOptions {
  readonly schema: Schema;
  readonly queries: readonly KnownQuery[];
  /** How many shapes to tell of. */
  readonly top: number;
}

/** What was counted, the shapes that take most time first. */
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
  const plans = [...one.plans.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ plan }) => planText(plan, collection, schema));
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
    known: queriesAlike(queries, collection, shape),
    index,
  };
}

/** One index may serve several shapes, and a longer one those of a shorter one. */
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

/** `find by status, newest created_at first` is for people to say better. */
function servesText({ operation }: QueryShape, { equal, sort, range }: ShapeTally['needs']): string {
  const by = [...equal, ...range.slice(0, 1)];
  const order = sort.map(([path, direction]) => (direction === 1 ? path : `${path} (the last first)`));
  return [
    operation,
    ...(by.length > 0 ? [`by ${by.join(' and ')}`] : []),
    ...(order.length > 0 ? [`in the order of ${order.join(' and ')}`] : []),
  ].join(' ');
}
