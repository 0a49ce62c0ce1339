import type { MongoClient } from 'mongodb';

/** Counts the connections of this process from the driver's events, for every client passed to `follow`. */
export class Pool {
  #open = 0;
  #checkedOut = 0;
  #waiting = 0;

  /** Counts the connections of a client. Call this function before the client connects. */
  follow(client: MongoClient): void {
    client
      .on('connectionCreated', () => this.#open++)
      .on('connectionClosed', () => this.#open--)
      .on('connectionCheckOutStarted', () => this.#waiting++)
      .on('connectionCheckOutFailed', () => this.#waiting--)
      .on('connectionCheckedOut', () => {
        this.#waiting--;
        this.#checkedOut++;
      })
      .on('connectionCheckedIn', () => this.#checkedOut--);
  }

  now(): { readonly checkedOut: number; readonly available: number; readonly waiting: number } {
    const [checkedOut, waiting] = [this.#checkedOut, this.#waiting];
    return { checkedOut, available: Math.max(0, this.#open - checkedOut), waiting };
  }
}
