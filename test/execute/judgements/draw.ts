/** What draws the cases: the same ones from the same seed. */
export interface Draw {
  /** From 0 up to, and without, a number. */
  below(limit: number): number;
  one<T>(items: readonly T[]): T;
  /** True in one of so many cases. */
  rarely(oneIn: number): boolean;
  some<T>(most: number, make: () => T): T[];
}

/** mulberry32: small, and good enough to draw cases with. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    one: (items) => items[below(items.length)] as (typeof items)[number],
    rarely: (oneIn) => below(oneIn) === 0,
    some: (most, make) => Array.from({ length: below(most + 1) }, make),
  };
}
