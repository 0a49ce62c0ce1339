import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CollectionName } from '../../src/models';
import type { Filled } from './fill';
import type { Instruction, Order, Report } from './messages';

/** Source or compiled, as this file is; how to load it is inherited from the process. */
const file = path.join(__dirname, `worker${path.extname(__filename)}`);

/** Megabytes. Documents live for a moment only: with more room, V8 would just collect them later. */
const resourceLimits = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 192 };

/** Fills on another thread, until it is done, fails, or is told to stop. */
export async function fillInWorker(
  order: Order,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: ((done: number) => void) | undefined },
): Promise<ReadonlyMap<CollectionName, Filled>> {
  const worker = new Worker(file, { workerData: order, resourceLimits });
  const stop = () => {
    const instruction: Instruction = 'stop';
    worker.postMessage(instruction);
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (report: Report) => {
        if (report.type === 'progress') onProgress?.(report.done);
        else if (report.type === 'filled') resolve(report.filled);
        else reject(Object.assign(report.error as Error, { code: report.code }));
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        reject(new Error('The thread that makes the documents ended too early. Way out: run it again, it goes on.'));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
