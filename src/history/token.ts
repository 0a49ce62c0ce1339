/** The largest usable token. JavaScript counts exactly up to the largest safe integer, so this limit leaves room for a million runs. */
export const largestUsable = Number.MAX_SAFE_INTEGER - 1_000_000;

/** Returns whether a value is a valid token that can still be increased. */
export function isToken(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestUsable;
}
