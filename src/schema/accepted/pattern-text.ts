/** What a pattern cannot be read for. */
export class Refused extends Error {}

/** A pattern, and how far it has been read. */
export class PatternText {
  #at = 0;

  constructor(readonly pattern: string) {}

  /** What has not been read yet. */
  get rest(): string {
    return this.pattern.slice(this.#at);
  }

  /** Reads what comes next, where it is as expected. */
  take(expected: RegExp): RegExpExecArray | undefined {
    const found = expected.exec(this.rest) ?? undefined;
    if (found) this.#at += found[0].length;
    return found;
  }

  skip(count: number): void {
    this.#at += count;
  }
}
