import type { Db } from 'mongodb';
import { nowOf } from './leftover';
import { profileCollection, ProfileTally } from './profile';

/** In milliseconds. The server may not have written all entries that are newer than this, so the next read counts them. */
const settlesWithin = 500;

/**
 * Counts the profile entries from a given time on. The profile must be read repeatedly, because it is a small capped collection:
 * the server deletes the oldest entries.
 */
export class ProfileWatch {
  readonly counted: ProfileTally;
  /** False if entries were lost: between two reads, the server wrote more than the profile can hold. */
  isWhole = true;
  #oldest: Date | undefined;

  constructor(
    private readonly db: Db,
    private readonly slowMs: number,
    private from: Date,
  ) {
    this.counted = new ProfileTally(db);
  }

  /** Counts the new entries. */
  async look(): Promise<void> {
    await this.#lookUntil(new Date((await nowOf(this.db)).getTime() - settlesWithin));
  }

  /** Counts the remaining entries, up to a given time on the server's clock. */
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
