/** Returns a table in the format of prettier. Columns are aligned right unless they are listed as texts. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { texts = 1 }: { readonly texts?: number } = {},
): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) => {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? '';
      return column < texts ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${cells.join(' | ')} |`;
  };
  const rule = widths.map((width, column) => (column < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Returns a share as text, such as `26 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Returns a size with two significant digits and binary units, such as `1.3 TiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value < 10 && unit > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? ''}`;
}

/** Returns a duration as text, such as `14 s`, `3.4 h` or `12 days`. */
export function time(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  if (hours < 72) return `${hours < 10 ? hours.toFixed(1) : hours.toFixed(0)} h`;
  return `${Math.round(hours / 24)} days`;
}

/** Returns a number with thousands separators, such as `1,234,567`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
