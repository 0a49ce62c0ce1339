import { unitMiB } from './arrivals';

export const shards = 4;
export const rangeMiB = 128;
/** The balancer moves data if the fullest shard has at least this much more data than the emptiest. */
export const thresholdMiB = 3 * rangeMiB;
const unitsPerRange = rangeMiB / unitMiB;
export const hashes = 2 ** 32;
/** The initial number of ranges with a hashed key: MongoDB 7.0 first creates two empty ranges on each shard. */
const hashedRanges = 2 * shards;

/** A range (chunk): all keys from `low` up to the `low` of the next range. */
interface Range {
  readonly low: number;
  shard: number;
  /** The keys of the units in this range. */
  keys: number[];
  isSorted: boolean;
}

/**
 * A sharded collection, as the manual describes it for MongoDB 6.0.3 and later: a range grows until the balancer moves a part of the range.
 * The balancer takes the first movable range of the fullest shard, and moves as much from the low end of this range as fits into one move.
 */
export class Cluster {
  readonly #ranges: Range[];
  /** The number of units on each shard. */
  readonly held = new Array<number>(shards).fill(0);
  readonly inserted = new Array<number>(shards).fill(0);
  moved = 0;

  constructor(isHashed: boolean) {
    const count = isHashed ? hashedRanges : 1;
    this.#ranges = Array.from({ length: count }, (_, at) => ({
      low: at === 0 ? Number.NEGATIVE_INFINITY : (at * hashes) / count,
      shard: Math.floor((at * shards) / count),
      keys: [],
      isSorted: true,
    }));
  }

  insert(key: number): void {
    const range = this.#rangeOf(key);
    range.isSorted &&= key >= (range.keys.at(-1) ?? key);
    range.keys.push(key);
    add(this.held, range.shard, 1);
    add(this.inserted, range.shard, 1);
  }

  remove(key: number): void {
    const range = this.#rangeOf(key);
    range.keys.splice(range.keys.indexOf(key), 1);
    add(this.held, range.shard, -1);
  }

  /** Runs one round of the balancer. A shard takes part in at most one move. */
  balance(): void {
    const free = new Set(this.held.keys());
    const ideal = this.held.reduce((sum, one) => sum + one, 0) / shards;
    while (free.size >= 2) {
      const byData = [...free].sort((one, other) => this.#heldBy(other) - this.#heldBy(one));
      const [from = 0, to = 0] = [byData[0], byData.at(-1)];
      const difference = this.#heldBy(from) - this.#heldBy(to);
      if (this.#heldBy(from) <= ideal || this.#heldBy(to) >= ideal || difference * unitMiB < thresholdMiB) return;
      free.delete(from);
      // If nothing on this shard can be moved, try the next fullest shard.
      if (this.#move(from, to)) free.delete(to);
    }
  }

  /** Returns the number of units of the most frequent key. */
  mostOfOneKey(): number {
    const counts = new Map<number, number>();
    for (const { keys } of this.#ranges) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  }

  #heldBy(shard: number): number {
    return this.held[shard] ?? 0;
  }

  #move(from: number, to: number): boolean {
    for (let at = 0; at < this.#ranges.length; at++) {
      const range = this.#ranges[at];
      if (range?.shard !== from || range.keys.length === 0) continue;
      sort(range);
      const { keys } = range;
      // The first key alone has more data than fits into one move, and cannot be divided. The keys after it become a separate range.
      if (keys[0] === keys[unitsPerRange]) {
        this.#cut(at, keys.lastIndexOf(keys[0] ?? 0) + 1);
        continue;
      }
      this.#cut(at, endOfPiece(keys));
      range.shard = to;
      const size = range.keys.length;
      add(this.held, from, -size);
      add(this.held, to, size);
      this.moved += size;
      return true;
    }
    return false;
  }

  /** Splits a range into two. The first range keeps `count` keys. */
  #cut(at: number, count: number): void {
    const range = this.#ranges[at];
    const low = range?.keys[count];
    if (range === undefined || low === undefined) return;
    const rest = range.keys.splice(count);
    this.#ranges.splice(at + 1, 0, { low, shard: range.shard, keys: rest, isSorted: true });
  }

  #rangeOf(key: number): Range {
    let [first, last] = [0, this.#ranges.length - 1];
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((this.#ranges[middle]?.low ?? 0) <= key) first = middle;
      else last = middle - 1;
    }
    const found = this.#ranges[first];
    if (found === undefined) throw new Error('a cluster has at least one range');
    return found;
  }
}

function sort(range: Range): void {
  if (!range.isSorted) range.keys.sort((one, other) => one - other);
  range.isSorted = true;
}

/** Returns the end of the part that one move takes. A move never divides the units of one key. */
function endOfPiece(keys: readonly number[]): number {
  const next = keys[unitsPerRange];
  return next === undefined ? keys.length : keys.indexOf(next);
}

function add(counts: number[], shard: number, count: number): void {
  counts[shard] = (counts[shard] ?? 0) + count;
}
