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
  /** The total duration, in milliseconds. */
  total: number;
  examined: number;
  /** The total number of documents returned, changed or deleted. Absent if the server does not count them. */
  returned?: number;
  /** The number of queries for each duration. Durations are whole milliseconds, so this map stays small. */
  readonly durations: Map<number, number>;
  /** The number of uses of each plan. The map key is the JSON text of the plan. */
  readonly plans: Map<string, { readonly plan: PlanSummary; count: number }>;
}

/** The maximum number of shapes. Without this limit, field names that contain values could fill the memory. */
const mostShapes = 10_000;

/** Groups slow queries by their shape, and adds up their numbers. */
export class Tally {
  readonly #shapes = new Map<string, ShapeTally>();
  /** The times of the first and the last entry. */
  first: Date | undefined;
  last: Date | undefined;
  entries = 0;
  /** The number of entries that were not assigned to a shape, because the maximum number of shapes was reached. */
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

/** Returns a percentile of the durations, in milliseconds: the 95th for a `part` of 0.95. */
export function percentile({ durations, count }: Pick<ShapeTally, 'durations' | 'count'>, part: number): number {
  const rank = Math.max(1, Math.ceil(part * count));
  let seen = 0;
  for (const [milliseconds, times] of [...durations].sort(([one], [other]) => one - other)) {
    seen += times;
    if (seen >= rank) return milliseconds;
  }
  return 0;
}
