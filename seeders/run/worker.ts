import { MongoClient } from 'mongodb';
import { parentPort, workerData } from 'node:worker_threads';
import { clientOptions, withoutOverridden } from '../../src/config';
import { fill } from './fill';
import type { Order, Report } from './messages';

// Makes documents and inserts them, on a thread of its own: while some are on their way, the next are made.

async function main({ url, database, world, batch, inFlight }: Order): Promise<void> {
  let stopped = false;
  parentPort?.on('message', () => (stopped = true));
  const client = new MongoClient(withoutOverridden(url).url, clientOptions);
  try {
    const filled = await fill(client.db(database), world, {
      batch,
      inFlight,
      isStopped: () => stopped,
      onProgress: (done) => {
        tell({ type: 'progress', done });
      },
    });
    tell({ type: 'filled', filled });
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    tell({ type: 'failed', error: new Error(message), code });
  } finally {
    await client.close();
    parentPort?.removeAllListeners('message');
  }
}

function tell(report: Report): void {
  parentPort?.postMessage(report);
}

void main(workerData as Order);
