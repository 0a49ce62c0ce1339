/** A share of the sample, with the bounds of its 95 % confidence interval. Numbers are from 0 to 1. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The quantile of the standard normal distribution for a two-sided 95 % interval. */
const z = 1.96;

/**
 * Estimates the share of all documents from a sample, with the Wilson interval. When all documents were counted, the share is exact.
 * @see Wilson, E. B. (1927), Probable Inference, the Law of Succession, and Statistical Inference
 */
export function shareOf(count: number, of: number, isAll: boolean): Share {
  const share = of === 0 ? 0 : count / of;
  if (isAll || of === 0) return { count, of, share, low: share, high: of === 0 ? 1 : share };
  const scale = 1 + z ** 2 / of;
  const middle = (share + z ** 2 / (2 * of)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return { count, of, share, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

/** Returns whether the intervals overlap: then the difference may be due to chance. */
export function overlap(one: Share, other: Share): boolean {
  return one.low <= other.high && other.low <= one.high;
}

/** Formats a share: `12 %`, `0.3 % (0.1 to 0.9 %)`. */
export function inPercent({ share, low, high }: Share): string {
  return low === high ? `${percent(share)} %` : `${percent(share)} % (${percent(low)} to ${percent(high)} %)`;
}

function percent(part: number): string {
  const number = part * 100;
  // Never round to 0 % or 100 % when the exact number is neither.
  if (number > 0 && number < 0.1) return '<0.1';
  if (number < 100 && number > 99.9) return '>99.9';
  return String(Number(number.toFixed(number < 10 ? 1 : 0)));
}
