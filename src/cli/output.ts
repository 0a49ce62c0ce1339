import Table from 'cli-table3';
import pc from 'picocolors';
import { oneLine, printable } from '../support/printable';
import { redact } from '../support/redact';
import { stacksOf } from '../support/error-place';
import { formatReport, reportOf } from '../support/schema-error';
import type { Context } from './context';

export { count } from '../support/counts';

/**
 * Says on stderr what went wrong; with `--json`, a program reads it on stdout, in the one document there. With `--verbose` both
 * show where in the code it was thrown.
 */
export function printError(
  context: Context,
  error: unknown,
  { json = false, verbose = false }: { json?: boolean; verbose?: boolean } = {},
): void {
  const report = reportOf(error);
  const stack = verbose ? stacksOf(error) : [];
  const { red, bold, dim } = pc.createColors(pc.isColorSupported && context.io.stderr.isTTY === true);
  const [first = '', ...details] = formatReport(report).split('\n');
  const lines = [`${red('✖')} ${bold(first)}`, ...details.map((line) => dim(line.slice(0, 9)) + line.slice(9))];
  // Not by `progress`, which would escape the colours: what stands between them is escaped already.
  context.io.stderr.write(`${redact([...lines, ...stack.map((line) => dim(printable(line)))].join('\n'))}\n`);
  if (json)
    context.print({ error: { ...report, message: formatReport(report), ...(verbose && { stack }) } }, [], { json });
}

/** A borderless table; numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
  };
  const grid = new Table({
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
    colAligns: head.map((_, at) => (typeof rows[0]?.[at] === 'number' ? 'right' : 'left')),
  });
  grid.push(...rows.map((row) => row.map((cell) => oneLine(String(cell)))));
  return grid.toString().replaceAll(/ +$/gm, '');
}

/** Milliseconds for people: `8 ms`, `1.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
