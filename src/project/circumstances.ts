import crypto from 'node:crypto';

/** Everything that a migration must not depend on, with the words that messages use. */
export const circumstances = {
  clock: 'the clock',
  chance: 'chance',
  timeZone: 'the time zone',
  environment: 'the environment',
} as const;

export type Circumstance = keyof typeof circumstances;

/**
 * The clock and the random numbers with which a process loads migrations. Two processes with equal values get the same times and the same
 * random numbers.
 */
export interface Surroundings {
  /** The time that every clock shows, in milliseconds since 1970. This time does not advance. */
  readonly now: number;
  /** The seed of all random numbers. */
  readonly seed: number;
}

/**
 * Gives this process another clock and other random numbers. Code that was loaded earlier may still use the old clock and the old random
 * numbers.
 */
export function surroundWith({ now, seed }: Surroundings): void {
  stopClock(now);
  const next = randomFrom(seed);
  const fill = <T extends NodeJS.ArrayBufferView | ArrayBuffer>(target: T): T => {
    const bytes = ArrayBuffer.isView(target)
      ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
      : new Uint8Array(target);
    for (const at of bytes.keys()) bytes[at] = Math.floor(next() * 256);
    return target;
  };
  const randomUUID = () =>
    fill(Buffer.alloc(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  replace(Math, { random: next });
  replace(globalThis.crypto, { getRandomValues: fill, randomUUID });
  replace(crypto, {
    randomUUID,
    randomFillSync: fill,
    randomBytes: (size: number) => fill(Buffer.alloc(size)),
    randomInt: (one: number, two?: number) => {
      const [from, to] = two === undefined ? [0, one] : [one, two];
      return from + Math.floor(next() * (to - from));
    },
  });
}

function stopClock(now: number): void {
  const Real = Date;
  class StoppedDate extends Real {
    constructor(...parts: readonly unknown[]) {
      // Without arguments, a date is the stopped time. With arguments, a date is created as usual.
      super(...((parts.length === 0 ? [now] : parts) as [number]));
    }

    static override now(): number {
      return now;
    }
  }
  // `Date()` without `new` returns a string.
  const date = new Proxy(StoppedDate, { apply: () => new Real(now).toString() });
  replace(globalThis, { Date: date });
  replace(performance, { now: () => now });
}

function replace(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}

/** Returns a generator of numbers from 0 to 1 that depend only on the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
