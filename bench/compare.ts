import { appendFileSync } from 'node:fs';

/** How two ways of doing the same compared. */
export interface Result {
  readonly what: string;
  /** `ms`, `CPU ms`. */
  readonly unit: string;
  /** Medians over the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** Of ours to theirs: the median over the rounds, and the least and the largest. */
  readonly ratio: number;
  readonly least: number;
  readonly largest: number;
  readonly limit: number;
}

export interface Comparison {
  readonly what: string;
  /** Each resolves to what one run took: milliseconds, unless `unit` says otherwise. */
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
  readonly unit?: string;
  readonly rounds: number;
  /** The largest ratio, ours to theirs, that is good enough. */
  readonly limit: number;
}

/** Set by `npm run bench`: the file to which results are added, a line of JSON each, and whether a third of the rounds is enough. */
const { BENCH_RESULTS: results, BENCH_SHORT: isShort } = process.env;

/**
 * Runs both in turn, after one round that does not count, and prints the median of the ratios of the rounds. A machine
 * whose speed drifts slows both sides of a round. The process ends 1 when the ratio is over its limit.
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
