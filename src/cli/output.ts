import { createRequire } from 'node:module';
import type Table from 'cli-table3';
import pc from 'picocolors';
import { oneLine, printable } from '../support/printable';
import { redact } from '../support/redact';
import { stacksOf } from '../support/error-place';
import { formatReport, reportOf } from '../support/schema-error';
import { asTyped } from './as-typed';
import type { Context } from './context';
import { takesColours } from './terminal';

export { count } from '../support/counts';

/**
 * Prints an error on stderr. With `--json`, the JSON document on stdout contains the error too. With `--verbose`, both include the stack
 * trace.
 */
export function printError(
  context: Context,
  error: unknown,
  { json = false, verbose = false }: { json?: boolean; verbose?: boolean } = {},
): void {
  const report = reportOf(error);
  const stack = verbose ? stacksOf(error) : [];
  const { red, bold, dim } = pc.createColors(takesColours(context.io.stderr, context.env));
  const [first = '', ...details] = formatReport(report).split('\n');
  const lines = [`${red('✖')} ${bold(first)}`, ...details.map((line) => dim(line.slice(0, 9)) + line.slice(9))];
  // Do not use `progress` here, since it would escape the colour codes. The other texts are already escaped.
  const text = [...lines, ...stack.map((line) => dim(printable(line)))].join('\n');
  context.io.stderr.write(`${asTyped(redact(text))}\n`);
  if (json)
    context.print({ error: { ...report, message: formatReport(report), ...(verbose && { stack }) } }, [], { json });
}

/**
 * Formats a table without borders. Numbers are aligned to the right. When the table is wider than `width`, texts wrap
 * between words. Names are never cut.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const texts = rows.map((row) => row.map((cell) => oneLine(String(cell))));
  const isNumber = head.map((_, at) => typeof rows[0]?.[at] === 'number');
  const narrow = narrowed([head, ...texts], width);
  // Use cli-table3 only to wrap lines and to measure wide letters: in a `status` with a thousand rows, it would take most of the time.
  const isSimple = narrow === undefined && [head, ...texts].flat().every((text) => /^[ -~]*$/.test(text));
  return isSimple ? aligned([head, ...texts], isNumber) : laidOut(head, texts, { isNumber, narrow });
}

/** Pads each text to the width of its column. */
function aligned(rows: readonly (readonly string[])[], isNumber: readonly boolean[]): string {
  const widths = isNumber.map((_, at) => rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 1));
  const lines = rows.map((row) =>
    widths.map((width, at) => (isNumber[at] ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width))),
  );
  return lines.map((cells) => cells.join(' '.repeat(gap)).replace(/ +$/, '')).join('\n');
}

interface Layout {
  /** Which columns are aligned to the right. */
  readonly isNumber: readonly boolean[];
  /** The widths of the columns; undefined if no line must wrap. */
  readonly narrow: readonly number[] | undefined;
}

function laidOut(head: readonly string[], texts: readonly string[][], { isNumber, narrow }: Layout): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
  };
  const grid = new (createRequire(__filename)('cli-table3') as typeof Table)({
    head: [...head],
    chars: {
      ...none,
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    ...(narrow && { colWidths: [...narrow], wordWrap: true }),
    colAligns: isNumber.map((isRight) => (isRight ? 'right' : 'left')),
  });
  grid.push(...texts);
  return grid.toString().replaceAll(/ +$/gm, '');
}

const gap = 2;

/**
 * Narrows the columns, the widest first, until the table fits or each column is as wide as its longest word. Returns their widths;
 * undefined when the table fits as it is.
 */
function narrowed(rows: readonly (readonly string[])[], width: number): number[] | undefined {
  if (width === Number.POSITIVE_INFINITY) return undefined;
  const longest = (at: number, lengthOf: (text: string) => number) =>
    Math.max(1, ...rows.map((row) => lengthOf(row[at] ?? '')));
  const columns = Array.from({ length: rows[0]?.length ?? 0 }, (_, at) => ({
    now: longest(at, widthOf),
    least: longest(at, (text) => Math.max(...text.split(' ').map(widthOf))),
  }));
  let excess = columns.reduce((sum, { now }) => sum + now, gap * (columns.length - 1)) - width;
  if (excess <= 0) return undefined;
  for (const column of columns.toSorted((one, other) => other.now - other.least - (one.now - one.least))) {
    if (excess <= 0) break;
    const less = Math.min(excess, column.now - column.least);
    column.now -= less;
    excess -= less;
  }
  return columns.map(({ now }) => now);
}

/** Returns how many columns of a terminal a text takes, or more, but never fewer. Chinese, Japanese and Korean letters take two columns. */
function widthOf(text: string): number {
  return text.length + (text.match(/[\u1100-\uffff]/g)?.length ?? 0);
}

/** Formats milliseconds for people: `8 ms`, `1.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
