import Table from 'cli-table3';
import pc from 'picocolors';
import { redact } from '../redact';

/** Prints a result: one JSON document with `--json`, else lines for people. Nothing else is ever written to stdout. */
export function print(result: unknown, lines: readonly string[], { json = false }: { json?: boolean }): void {
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''));
}

/** Says on stderr how things are going. */
export function progress(line: string): void {
  process.stderr.write(`${redact(line)}\n`);
}

/** Says on stderr what went wrong; with `--json`, a program reads it on stdout, in the one document there. */
export function printError(error: unknown, { json = false }: { json?: boolean } = {}): void {
  const message = error instanceof Error ? error.message : String(error);
  const { left = [], code } = error as { left?: readonly string[]; code?: unknown };
  const errorPc = pc.createColors(pc.isColorSupported && process.stderr.isTTY);
  progress(`${errorPc.red('error')} ${message}`);
  if (left.length > 0) progress(`Left to do: ${left.join(', ')}.`);
  if (json) print(errorDocument(code, redact(message), left), [], { json });
}

/** The server's own codes are numbers; they stand in the message. */
export function errorDocument(code: unknown, message: string, left: readonly string[] = []) {
  return { error: { code: typeof code === 'string' ? code : 'FAILED', message, ...(left.length > 0 && { left }) } };
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
  grid.push(...rows.map((row) => row.map(String)));
  return grid.toString().replaceAll(/ +$/gm, '');
}

/** Milliseconds for people: `8 ms`, `1.2 s`. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `1 change`, `2 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
