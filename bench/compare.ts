import { appendFileSync } from 'node:fs';

/** The result of comparing this tool (`ours`) with another way to do the same (`theirs`). */
export interface Result {
  readonly what: string;
  /** The unit of `ours` and `theirs`: `ms` or `CPU ms`. */
  readonly unit: string;
  /** The medians of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** The ratio of ours to theirs: the median of the rounds, the smallest, and the largest. */
  readonly ratio: number;
  readonly least: number;
  readonly largest: number;
  readonly limit: number;
}

export interface Comparison {
  readonly what: string;
  /** Each resolves to the duration of one run, in `unit` (default: milliseconds). */
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
  readonly unit?: string;
  readonly rounds: number;
  /** The maximum ratio of ours to theirs. */
  readonly limit: number;
}

/** Set by `npm run bench`: the file to which each result is appended as a line of JSON, and whether to run only a third of the rounds. */
const { BENCH_RESULTS: results, BENCH_SHORT: isShort } = process.env;

/**
 * Runs both in turn, after a warm-up round, and prints the median ratio of the rounds. If the speed of the machine changes, it
 * affects both runs of a round. The process ends with 1 if the ratio is over the limit.
 */
export async function compare({ what, ours, theirs, unit = 'ms', rounds, limit }: Comparison): Promise<void> {
  await ours();
  await theirs();
  const pairs: { ours: number; theirs: number }[] = [];
  const enough = isShort ? Math.max(3, Math.ceil(rounds / 3)) : rounds;
  while (pairs.length < enough) pairs.push({ ours: await ours(), theirs: await theirs() });
  const ratios = pairs.map((pair) => pair.ours / pair.theirs);
  report({
    what,
    unit,
    ours: median(pairs.map((pair) => pair.ours)),
    theirs: median(pairs.map((pair) => pair.theirs)),
    ratio: median(ratios),
    least: Math.min(...ratios),
    largest: Math.max(...ratios),
    limit,
  });
}

function report(result: Result): void {
  const { what, unit, ours, theirs, ratio, least, largest, limit } = result;
  const spread = `${least.toFixed(2)} to ${largest.toFixed(2)}`;
  const verdict = ratio <= limit ? 'ok' : 'TOO SLOW';
  console.log(
    `${what}\n  ${ours.toFixed(0)} ${unit} / ${theirs.toFixed(0)} ${unit}, ratio ${ratio.toFixed(2)} (${spread}), limit ${limit}: ${verdict}`,
  );
  if (results !== undefined) appendFileSync(results, `${JSON.stringify(result)}\n`);
  if (ratio > limit) process.exitCode = 1;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
