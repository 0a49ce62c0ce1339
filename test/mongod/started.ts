import { MongoClient, type Db } from 'mongodb';
import { onTestFinished } from 'vitest';
import { startEmbedded, type RunningServer } from '../../src/mongod';

/** Works on a database of a server. */
export async function use<T>({ url }: { url: string }, work: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await work(client.db('persistence'));
  } finally {
    await client.close();
  }
}

/** A server that is stopped when the test has ended. */
export async function started(options: Parameters<typeof startEmbedded>[0]): Promise<RunningServer> {
  const server = await startEmbedded(options);
  onTestFinished(server.stop);
  return server;
}

/** Of a server with one member. */
export function portOf({ url }: { url: string }): string {
  return new URL(url).port;
}
