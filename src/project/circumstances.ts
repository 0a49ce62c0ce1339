import crypto from 'node:crypto';

/** What a migration must not depend on, in the words of messages. */
export const circumstances = {
  clock: 'the clock',
  chance: 'chance',
  timeZone: 'the time zone',
  environment: 'the environment',
} as const;

export type Circumstance = keyof typeof circumstances;

/** How a process is to load migrations: two with the same values differ in nothing that is listed above. */
export interface Surroundings {
  /** What every clock shows, in milliseconds since 1970: time stands still. */
  readonly now: number;
  /** What all chance comes from. */
  readonly seed: number;
}

/** Gives this process another clock and other chance. What was loaded before may have kept the old ones. */
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
      // Whatever a date is made of; of nothing, it is now.
      super(...((parts.length === 0 ? [now] : parts) as [number]));
    }

    static override now(): number {
      return now;
    }
  }
  // Called as a function it gives a text.
  const date = new Proxy(StoppedDate, { apply: () => new Real(now).toString() });
  replace(globalThis, { Date: date });
  replace(performance, { now: () => now });
}

function replace(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
