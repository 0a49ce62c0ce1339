import { appendFileSync } from 'node:fs';

/** A comparison of this tool (`ours`) with another way to do the same work (`theirs`). */
export interface Ratio {
  readonly kind: 'ratio';
  readonly what: string;
  /** The unit of `ours` and `theirs`: `ms` or `CPU ms`. */
  readonly unit: string;
  /** The medians of the rounds. */
  readonly ours: number;
  readonly theirs: number;
  /** The ratio of ours to theirs: the median of the rounds, the smallest, and the largest. */
  readonly ratio: number;
  readonly least: number;
  readonly largest: number;
  readonly limit: number;
}

/** A measured value with its own goal, such as a peak memory. */
export interface Bound {
  readonly kind: 'bound';
  readonly what: string;
  /** The unit of the value; empty for a plain factor. */
  readonly unit: string;
  readonly value: number;
  readonly limit: number;
  /** Whether the value must reach the limit. By default, the value must not exceed the limit. */
  readonly isLeast?: boolean;
}

/** A table of measured values that have no goal. */
export interface Rows {
  readonly kind: 'rows';
  readonly title: string;
  readonly head: readonly string[];
  /** The rows. The first column is text, the other columns are numbers. */
  readonly rows: readonly (readonly string[])[];
}

/** Values by size, drawn as a picture. */
export interface Curve {
  readonly kind: 'curve';
  /** The last part of the picture's file name. */
  readonly name: string;
  readonly title: string;
  /** What grows along the horizontal axis: `migrations`. */
  readonly size: string;
  readonly unit: string;
  readonly lines: readonly CurveLine[];
}

export interface CurveLine {
  readonly name: string;
  readonly points: readonly (readonly [size: number, value: number])[];
}

/** What readers should know about a bench, such as a part that could not be measured. */
export interface Note {
  readonly kind: 'note';
  readonly text: string;
}

export type Result = Ratio | Bound | Rows | Curve | Note;

/** Set by `npm run bench`: the file to which each result is appended as a line of JSON. */
const { BENCH_RESULTS: file, BENCH_SHORT: short } = process.env;

/** Set by `npm run bench -- --short`: fewer rounds, and only the small sizes. */
export const isShort = short !== undefined;

/** The exit code of a bench with a result that misses its goal. A bench that fails exits with code 1. */
export const missed = 2;

/** Prints a result, and keeps it for `npm run bench`. */
export function keep<R extends Result>(result: R): R {
  console.log(describe(result));
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(result, rounded)}\n`);
  if (isMissed(result)) process.exitCode = missed;
  return result;
}

/** Rounds numbers to six digits, which are more than any measurement has. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

export function isMissed(result: Result): boolean {
  switch (result.kind) {
    case 'ratio':
      return !(result.ratio <= result.limit);
    case 'bound':
      return !(result.isLeast ? result.value >= result.limit : result.value <= result.limit);
    case 'rows':
    case 'curve':
    case 'note':
      return false;
  }
}

function describe(result: Result): string {
  switch (result.kind) {
    case 'ratio': {
      const { what, unit, ours, theirs, ratio, least, largest, limit } = result;
      const spread = `${least.toFixed(2)} to ${largest.toFixed(2)}`;
      const verdict = isMissed(result) ? 'TOO SLOW' : 'ok';
      const both = `${ours.toFixed(0)} ${unit} / ${theirs.toFixed(0)} ${unit}`;
      return `${what}\n  ${both}, ratio ${ratio.toFixed(2)} (${spread}), limit ${limit}: ${verdict}`;
    }
    case 'bound': {
      const { what, limit, isLeast = false } = result;
      const verdict = isMissed(result) ? 'MISSED' : 'ok';
      return `${what}\n  ${valueText(result)}, limit ${isLeast ? 'at least' : 'at most'} ${limit}: ${verdict}`;
    }
    case 'rows':
      return [result.title, ...[result.head, ...result.rows].map((row) => `  ${row.join(' | ')}`)].join('\n');
    case 'curve':
      return `${result.title}: ${result.lines.map(({ name, points }) => `${name} ${JSON.stringify(points)}`).join(', ')}`;
    case 'note':
      return result.text;
  }
}

/** Returns the value with its unit, such as `1.23` or `120 MiB`. */
export function valueText({ value, unit }: Pick<Bound, 'value' | 'unit'>): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`.trim();
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
