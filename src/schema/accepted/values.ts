import { didYouMean } from '../../support/nearest';
import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';

/** A check of the values that an option accepts. */
export interface Known {
  /** A description that continues the words "must be": `true or false`. */
  readonly words: string;
  readonly takes: (value: Plain) => boolean;
}

/** Options by their names. */
export type KnownOptions = Readonly<Record<string, Known>>;

export const flag: Known = { words: 'true or false', takes: (value) => typeof value === 'boolean' };
export const text: Known = { words: 'a text', takes: (value) => typeof value === 'string' };
export const object: Known = { words: 'an object', takes: isPlainObject };
export const finite: Known = { words: 'a number', takes: (value) => Number.isFinite(value) };

export function whole(from: number, to: number): Known {
  return {
    words: `a whole number from ${from} to ${to}`,
    takes: (value) => isWhole(value) && value >= from && value <= to,
  };
}

export function oneOf(...words: readonly string[]): Known {
  return { words: `one of ${words.join(', ')}`, takes: (value) => typeof value === 'string' && words.includes(value) };
}

export function isWhole(value: Plain | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

/** Formats a value for a message, in one line of limited length. */
export function show(value: unknown): string {
  const shown = value === undefined ? 'undefined' : JSON.stringify(value);
  return shown.length <= 60 ? shown : `${shown.slice(0, 57)}…`;
}

/** Returns the problem with the value of an option; undefined when the value is valid. */
export function valueProblem(name: string, value: Plain, known: Known): string | undefined {
  return known.takes(value) ? undefined : `has \`${name}: ${show(value)}\`, which must be ${known.words}`;
}

/**
 * Yields a problem for every unknown option and every invalid value. Each problem is the end of a sentence that begins with the name of
 * the index or collection. `advice` says what to write instead of options that people know from other tools.
 */
export function* optionProblems(
  options: PlainObject,
  known: KnownOptions,
  advice: ReadonlyMap<string, string> = new Map(),
): Generator<string> {
  for (const [name, value] of Object.entries(options)) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) yield `takes no \`${name}\`${unknownAdvice(name, known, advice)}`;
    else {
      const problem = valueProblem(name, value, option);
      if (problem !== undefined) yield problem;
    }
  }
}

export function unknownAdvice(name: string, known: object, advice: ReadonlyMap<string, string>): string {
  const found = advice.get(name);
  return found === undefined ? didYouMean(name, Object.keys(known)) : `: ${found}`;
}
