import { parentPort, workerData } from 'node:worker_threads';
import { newClient } from '../../src/database/client';
import { MongoUrl } from '../../src/support/mongo-url';
import { reportOf } from '../../src/support/schema-error';
import { fill } from './fill';
import type { Order, Report } from './messages';

// Generates documents and inserts them on a separate thread: while some documents are sent, the next ones are generated.

async function main({ url, database, world, batch, inFlight }: Order): Promise<void> {
  let stopped = false;
  parentPort?.on('message', () => (stopped = true));
  const client = newClient(new MongoUrl(url));
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
    tell({ type: 'failed', report: reportOf(error) });
  } finally {
    await client.close();
    parentPort?.removeAllListeners('message');
  }
}

function tell(report: Report): void {
  parentPort?.postMessage(report);
}

void main(workerData as Order);
