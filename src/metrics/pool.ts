import type { MongoClient } from 'mongodb';

/** The connections of this process, as the driver tells of them; of every client that is followed. */
export class Pool {
  #open = 0;
  #checkedOut = 0;
  #waiting = 0;

  /** To be called before the client connects. */
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
