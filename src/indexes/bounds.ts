/** Describes what a plan reads of each field of an index, without values: `{ user_id: '1 value', created_at: 'all' }`. */
export function boundsInWords(bounds: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(bounds).map(([field, intervals]) => [field, inWords(intervals)]));
}

/** Describes intervals. The server writes an interval as text: `["a", "b")`, and a single value as `["a", "a"]`. */
function inWords(intervals: unknown): string {
  const texts = Array.isArray(intervals) ? intervals.map(String) : [];
  if (texts.some(isWhole)) return 'all';
  const values = texts.filter(isPoint).length;
  const ranges = texts.length - values;
  return [
    ...(values > 0 ? [values === 1 ? '1 value' : `${values} values`] : []),
    ...(ranges > 0 ? [ranges === 1 ? 'a range' : `${ranges} ranges`] : []),
  ].join(', ');
}

function isWhole(interval: string): boolean {
  return interval === '[MinKey, MaxKey]' || interval === '[MaxKey, MinKey]';
}

/** Returns whether an interval is a single value: both ends are equal and included. The value itself may contain a comma. */
function isPoint(interval: string): boolean {
  const inner = interval.slice(1, -1);
  const half = (inner.length - ', '.length) / 2;
  return (
    interval.startsWith('[') && interval.endsWith(']') && inner === `${inner.slice(0, half)}, ${inner.slice(0, half)}`
  );
}
