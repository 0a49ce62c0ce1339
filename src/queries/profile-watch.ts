import type { Db } from 'mongodb';
import { nowOf } from './leftover';
import { profileCollection, ProfileTally } from './profile';

/** What is being written down while it is looked at is counted at the next look. In milliseconds. */
const settlesWithin = 500;

/**
 * Counts what the profile gets from some time on, by looking at it again and again: it is small, and what is oldest in it goes.
 */
export class ProfileWatch {
  readonly counted: ProfileTally;
  /** False when the server wrote more than the profile holds between two looks. */
  isWhole = true;
  #oldest: Date | undefined;

  constructor(
    private readonly db: Db,
    private readonly slowMs: number,
    private from: Date,
  ) {
    this.counted = new ProfileTally(db);
  }

  /** Counts what is new. */
  async look(): Promise<void> {
    await this.#lookUntil(new Date((await nowOf(this.db)).getTime() - settlesWithin));
  }

  /** Counts what is left, up to a time by the server's clock. */
  async lookAtLast(end: Date): Promise<void> {
    await this.#lookUntil(new Date(end.getTime() + 1));
  }

  async #lookUntil(to: Date): Promise<void> {
    if (to <= this.from) return;
    const { slowMs, from } = this;
    await this.counted.read({ slowMs, from, to });
    const oldest = await this.#timeOfOldest();
    if (this.#oldest && oldest && oldest > this.#oldest && oldest > from) this.isWhole = false;
    this.#oldest = oldest;
    this.from = to;
  }

  async #timeOfOldest(): Promise<Date | undefined> {
    const first = await this.db
      .collection(profileCollection)
      .findOne({}, { sort: { $natural: 1 }, projection: { ts: 1 }, readConcern: { level: 'local' } });
    return first?.['ts'] as Date | undefined;
  }
}
