export interface Comparison {
  readonly what: string;
  /** Each resolves to the milliseconds that one run took. */
  readonly ours: () => Promise<number>;
  readonly theirs: () => Promise<number>;
  readonly rounds: number;
  /** The largest ratio, ours to theirs, that is good enough. */
  readonly limit: number;
}

/**
 * Runs both in turn, after one round that does not count, and prints the median of the ratios of the rounds. A machine
 * whose speed drifts slows both sides of a round. The process ends 1 when the ratio is over its limit.
 */
export async function compare({ what, ours, theirs, rounds, limit }: Comparison): Promise<void> {
  await ours();
  await theirs();
  const pairs: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await ours(), theirs: await theirs() });
  const ratio = median(pairs.map((pair) => pair.ours / pair.theirs));
  const [mine, other] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.theirs))];
  const verdict = ratio <= limit ? 'ok' : 'TOO SLOW';
  console.log(
    `${what}\n  ${mine.toFixed(0)} ms / ${other.toFixed(0)} ms, ratio ${ratio.toFixed(2)}, limit ${limit}: ${verdict}`,
  );
  if (ratio > limit) process.exitCode = 1;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
