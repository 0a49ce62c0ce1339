/** JavaScript counts exactly up to here; a million runs are left before that. */
export const largestUsable = Number.MAX_SAFE_INTEGER - 1_000_000;

/** Whether a run can have taken a token, and the next one can take a larger one. */
export function isToken(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestUsable;
}
