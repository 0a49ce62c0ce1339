/** Returns `1 change`, `2 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Returns `1 document`, `2 documents`. */
export function documents(number: number): string {
  return count(number, 'document');
}

/** Returns at most `most` texts from the start of a list, and the number of the other texts: `a, b, and 2 more`. */
export function firstOf(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return [...texts.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** Returns a size: `16.0 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Formats a time to the minute, in UTC: `2026-01-31 09:30`. */
export function toTheMinute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
}

const units = [
  ['year', 31_536_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Formats seconds in words: `7 days`, `1 hour 30 minutes`. */
export function humanSeconds(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, size] of units) {
    const whole = Math.floor(left / size);
    if (whole > 0) parts.push(count(whole, unit));
    left -= whole * size;
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Reads `90d`, `12h`, `30m`, `60s` or `60`. Returns seconds; undefined for anything else. */
export function secondsOf(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,10})([smhd]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (secondsIn[unit === '' ? 's' : unit] ?? 1);
}
