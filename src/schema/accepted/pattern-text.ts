/** Thrown with the reason why a pattern is invalid. */
export class Refused extends Error {}

/** A pattern, and the position up to which it was read. */
export class PatternText {
  #at = 0;

  constructor(readonly pattern: string) {}

  /** The part that was not read yet. */
  get rest(): string {
    return this.pattern.slice(this.#at);
  }

  /** Reads the next part if it matches. */
  take(expected: RegExp): RegExpExecArray | undefined {
    const found = expected.exec(this.rest) ?? undefined;
    if (found) this.#at += found[0].length;
    return found;
  }

  skip(count: number): void {
    this.#at += count;
  }
}
