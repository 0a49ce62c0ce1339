import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

/** An application that inserts so many documents a second into `results`, one after the other, and counts those that were acknowledged. */
export async function startApplication(url: string, database: string, perSecond: number) {
  const client = await new MongoClient(url).connect();
  const results = client.db(database).collection('results');
  let [written, isStopped] = [0, false];
  const running = (async () => {
    while (!isStopped) {
      await results.insertOne({ of: 'the application', at: written });
      written++;
      await sleep(1000 / perSecond);
    }
  })();
  return {
    /** Resolves to how many were acknowledged. */
    stop: async (): Promise<number> => {
      isStopped = true;
      await running.finally(() => client.close());
      return written;
    },
  };
}
