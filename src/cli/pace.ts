/** The progress of an operation. The numbers may be wrong: some are estimates, and some are computed by migrations. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  /** The expected total. It is ignored when it is not a number, or smaller than `done`. */
  readonly total: number;
  /** What is counted. */
  readonly unit?: string | undefined;
}

/** The rate is measured over this time, in milliseconds. Older progress is ignored, because it says little about the time left. */
const recently = 30_000;
/** The shortest time over which a rate is measured, in milliseconds. Over a shorter time, the rate would jump. */
const soonest = 1_000;
const mostSamples = 60;

/** Describes the progress of an operation in one line: how much is done, the rate, and the time left. */
export class Pace {
  #samples: { readonly at: number; readonly done: number }[] = [];
  #last: Progress | undefined;
  #movedAt = 0;

  /** @param now returns the current time, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether everything is done, as far as is known. */
  get isDone(): boolean {
    return this.#last !== undefined && this.#last.total > 0 && this.#last.done >= this.#last.total;
  }

  update(progress: Progress): void {
    const at = this.now();
    const last = this.#last;
    // After a retry, the count starts again from a lower value, so older samples say nothing about the rate.
    if (!last || last.what !== progress.what || progress.done < last.done) this.#samples = [];
    if (this.#samples.length === 0 || progress.done !== last?.done) this.#movedAt = at;
    this.#last = progress;
    const newest = this.#samples.at(-1);
    if (newest && at - newest.at < recently / mostSamples) return;
    this.#samples.push({ at, done: progress.done });
    // Keep one sample that is older than `recently`: the rate is measured from this sample on.
    while ((this.#samples[1]?.at ?? at) < at - recently) this.#samples.shift();
  }

  /**
   * Returns a line of at most `width` characters: `backfill users: 1,000 of 2,000 documents, 50%, 100/s, 10 seconds left`.
   * Leaves out what is not known.
   */
  line(usual: string, width = Number.POSITIVE_INFINITY): string {
    const { what = '', done = 0, total = 0, unit = usual } = this.#last ?? {};
    const still = this.isDone ? 0 : this.now() - this.#movedAt;
    return paceLine({ what, done, total, unit }, { rate: this.#rate(), still, width });
  }

  /** The rate per second; 0 when it is not known. */
  #rate(): number {
    const [oldest] = this.#samples;
    if (!oldest || !this.#last) return 0;
    const elapsed = this.now() - oldest.at;
    const rate = ((this.#last.done - oldest.done) / elapsed) * 1000;
    return elapsed >= soonest && Number.isFinite(rate) && rate > 0 ? rate : 0;
  }
}

interface Speed {
  /** The rate per second; 0 when it is not known. */
  readonly rate: number;
  /** The time without progress, in milliseconds. */
  readonly still?: number;
  readonly width?: number;
}

/** Returns the same line as `Pace.line`, from given values. */
export function paceLine(
  { what, done, total, unit = '' }: Progress,
  { rate, still = 0, width = Number.POSITIVE_INFINITY }: Speed,
): string {
  const isKnown = total > 0 && total <= Number.MAX_SAFE_INTEGER && total >= done;
  const shown = Number.isFinite(done) && done > 0 ? Math.floor(done) : 0;
  const units = unit === '' ? '' : ` ${unit}`;
  const facts = [
    isKnown ? `${grouped(shown)} of ${grouped(Math.floor(total))}${units}` : `${grouped(shown)}${units}`,
    ...(isKnown ? [`${Math.floor((100 * shown) / total)}%`] : []),
    ...(still >= recently ? [`no progress for ${inWords(still / 1000)}`] : perTime(rate)),
    ...(isKnown && rate > 0 && shown < total && still < recently ? [`${inWords((total - shown) / rate)} left`] : []),
  ].join(', ');
  return fitted(what, facts, width);
}

/** Returns `100/s` or `3/min`; nothing when the rate is too low to show. */
function perTime(rate: number): string[] {
  if (rate >= 1) return [`${grouped(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))}/s`];
  const perMinute = Math.round(rate * 60);
  return perMinute > 0 ? [`${perMinute}/min`] : [];
}

function grouped(number: number): string {
  return Math.min(number, Number.MAX_SAFE_INTEGER).toLocaleString('en-US', { maximumFractionDigits: 1 });
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;
const longest = 365;

/** Formats seconds with the two largest units: `8 seconds`, `2 minutes 5 seconds`, `1 hour 30 minutes`. */
export function inWords(seconds: number): string {
  let left = Math.max(1, Math.round(seconds));
  if (!(left <= longest * 86_400)) return `more than ${longest} days`;
  const parts: string[] = [];
  for (const [name, length] of units) {
    const whole = Math.floor(left / length);
    left -= whole * length;
    if (whole > 0) parts.push(`${whole} ${name}${whole === 1 ? '' : 's'}`);
    // Stop when the next smaller unit is zero: even smaller units do not matter.
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** Shortens the line to `width`. The name is cut first, since the numbers matter more. */
function fitted(what: string, facts: string, width: number): string {
  const line = `${what}: ${facts}`;
  if (line.length <= width) return line;
  const room = width - facts.length - ': '.length;
  if (room >= 2)
    return `${Array.from(what)
      .slice(0, room - 1)
      .join('')}…: ${facts}`;
  return facts.slice(0, Math.max(0, width));
}
