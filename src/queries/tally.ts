import type { IndexNeeds } from './needs';
import type { PlanSummary } from './plan-summary';
import type { SlowEntry } from './entry';
import type { QueryShape } from './query';

/** All queries of one shape on one collection. */
export interface ShapeTally {
  readonly collection: string;
  readonly shape: QueryShape;
  readonly needs: IndexNeeds;
  count: number;
  /** In milliseconds. */
  total: number;
  examined: number;
  /** Absent where the server does not count it. */
  returned?: number;
  /** How many took how many milliseconds: whole numbers, so there are never many. */
  readonly durations: Map<number, number>;
  /** How often each plan was used, by its text. */
  readonly plans: Map<string, { readonly plan: PlanSummary; count: number }>;
}

/** No more shapes are kept apart than this: names of fields that are made of values would else fill the memory. */
const mostShapes = 10_000;

/** Adds up slow queries by their shape. */
export class Tally {
  readonly #shapes = new Map<string, ShapeTally>();
  /** When the first and the last of them were written down. */
  first: Date | undefined;
  last: Date | undefined;
  entries = 0;
  /** Those that are not told apart any more. */
  beyond = 0;

  get shapes(): readonly ShapeTally[] {
    return [...this.#shapes.values()];
  }

  add({ collection, shape, needs, milliseconds, examined, returned, plan, at }: SlowEntry): void {
    this.entries += 1;
    if (at && (!this.first || at < this.first)) this.first = at;
    if (at && (!this.last || at > this.last)) this.last = at;
    const key = JSON.stringify([collection, shape]);
    let found = this.#shapes.get(key);
    if (!found) {
      if (this.#shapes.size >= mostShapes) {
        this.beyond += 1;
        return;
      }
      const nothing = { count: 0, total: 0, examined: 0, durations: new Map(), plans: new Map() };
      found = { collection, shape, needs, ...nothing };
      this.#shapes.set(key, found);
    }
    found.count += 1;
    found.total += milliseconds;
    found.examined += examined;
    if (returned !== undefined) found.returned = (found.returned ?? 0) + returned;
    found.durations.set(milliseconds, (found.durations.get(milliseconds) ?? 0) + 1);
    const text = JSON.stringify(plan);
    const plans = found.plans.get(text) ?? { plan, count: 0 };
    plans.count += 1;
    found.plans.set(text, plans);
  }
}

/** The least duration that so great a part of all queries did not exceed. */
export function percentile({ durations, count }: Pick<ShapeTally, 'durations' | 'count'>, part: number): number {
  const rank = Math.max(1, Math.ceil(part * count));
  let seen = 0;
  for (const [milliseconds, times] of [...durations].sort(([one], [other]) => one - other)) {
    seen += times;
    if (seen >= rank) return milliseconds;
  }
  return 0;
}
