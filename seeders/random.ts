import type { Place } from './world';

/**
 * Pseudo-random numbers that depend only on the seed, on the place of a document, and on `stream`. So a document does not depend on the
 * documents that were created before it. The generator is sfc32: 128 bits of state, a few nanoseconds per number.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param stream a name that separates several sequences for the same place */
  constructor(seed: number, stream: string, { user, project, item }: Place) {
    this.#a = mix(seed ^ 0x9e3779b9);
    this.#b = mix(this.#a ^ hash(stream) ^ Math.imul(user, 0x85ebca6b));
    this.#c = mix(this.#b ^ Math.imul(project, 0xc2b2ae35) ^ mix(item));
    for (let round = 0; round < 8; round++) this.next();
  }

  /** Returns a number from 0 to 2³² - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = ((((this.#c << 21) | (this.#c >>> 11)) >>> 0) + sum) >>> 0;
    return sum;
  }

  /** Returns a number from 0 (included) to 1 (excluded). */
  share(): number {
    return this.next() / 2 ** 32;
  }

  /** Returns a whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.share() * (max - min + 1));
  }

  /** Returns a number from `min` to `max`, with two decimals. */
  between(min: number, max: number): number {
    // Adding zero turns -0 into 0.
    return Math.round((min + this.share() * (max - min)) * 100) / 100 + 0;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.whole(0, values.length - 1)];
    if (value === undefined) throw new Error('there is nothing to pick from');
    return value;
  }

  /** Returns some of the values, in their original order. */
  some<T>(values: readonly T[], count: number): T[] {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(count, values.length)) chosen.add(this.whole(0, values.length - 1));
    return values.filter((_, at) => chosen.has(at));
  }

  /** Returns a text of `digits` hexadecimal digits. `digits` must be a multiple of eight. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.next().toString(16).padStart(8, '0');
    return text;
  }

  /** Returns a time from `from` to `to`, both included. */
  date(from: Date | number, to: Date | number): Date {
    const [start, end] = [Number(from), Number(to)];
    return new Date(start + Math.floor(this.share() * (end - start + 1)));
  }
}

/** Distributes every bit of a number over all bits: the last step of MurmurHash3. */
function mix(number: number): number {
  let mixed = number;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const hashes = new Map<string, number>();

/** Returns the FNV-1a hash of a text. */
function hash(text: string): number {
  let value = hashes.get(text);
  if (value === undefined) {
    value = 0x811c9dc5;
    for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
    hashes.set(text, value);
  }
  return value;
}
