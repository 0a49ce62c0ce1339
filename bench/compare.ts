import { isShort, keep, median, type Ratio } from './results';
import type { Took } from './programs';

export interface Comparison<T = number> {
  readonly what: string;
  /** This tool (`ours`) and the other way (`theirs`). Each resolves to the duration of one run, in `unit` (default: milliseconds). */
  readonly ours: () => Promise<T>;
  readonly theirs: () => Promise<T>;
  readonly unit?: string;
  readonly rounds: number;
  /** The maximum ratio of ours to theirs. */
  readonly limit: number;
  /** Whether the first round counts too. Set this for runs of several minutes, in which the warm-up is a small part of the time. */
  readonly isCold?: boolean;
}

/**
 * Runs both alternately, after a warm-up round, and keeps the median ratio of the rounds. If the speed of the machine changes, the change
 * affects both runs of a round.
 */
export async function compare({ what, unit = 'ms', ours, theirs, limit, ...rounds }: Comparison): Promise<Ratio> {
  return keep(ratioOf(await inTurn({ ours, theirs, ...rounds }), { what, unit, limit }, (elapsed) => elapsed));
}

/** Compares two programs by their elapsed time and by their CPU time, in the same rounds. */
export async function compareProcesses({
  what,
  ours,
  theirs,
  limit,
  ...rounds
}: Omit<Comparison<Took>, 'unit'>): Promise<{ readonly wall: Ratio; readonly cpu: Ratio }> {
  const pairs = await inTurn({ ours, theirs, ...rounds });
  return {
    wall: keep(ratioOf(pairs, { what: `${what}: elapsed time`, unit: 'ms', limit }, ({ wall }) => wall)),
    cpu: keep(ratioOf(pairs, { what: `${what}: CPU time`, unit: 'CPU ms', limit }, ({ cpu }) => cpu)),
  };
}

interface Pair<T> {
  readonly ours: T;
  readonly theirs: T;
}

async function inTurn<T>({
  ours,
  theirs,
  rounds,
  isCold = false,
}: Pick<Comparison<T>, 'ours' | 'theirs' | 'rounds' | 'isCold'>): Promise<readonly Pair<T>[]> {
  if (!isCold) {
    await ours();
    await theirs();
  }
  const pairs: Pair<T>[] = [];
  const enough = isShort ? Math.max(Math.min(3, rounds), Math.ceil(rounds / 3)) : rounds;
  while (pairs.length < enough) pairs.push({ ours: await ours(), theirs: await theirs() });
  return pairs;
}

function ratioOf<T>(
  pairs: readonly Pair<T>[],
  about: Pick<Ratio, 'what' | 'unit' | 'limit'>,
  valueOf: (took: T) => number,
): Ratio {
  const values = pairs.map(({ ours, theirs }) => ({ ours: valueOf(ours), theirs: valueOf(theirs) }));
  const ratios = values.map(({ ours, theirs }) => ours / theirs);
  return {
    kind: 'ratio',
    ...about,
    ours: median(values.map(({ ours }) => ours)),
    theirs: median(values.map(({ theirs }) => theirs)),
    ratio: median(ratios),
    least: Math.min(...ratios),
    largest: Math.max(...ratios),
  };
}

/** Resolves to the duration of the work, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
