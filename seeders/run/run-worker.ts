import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CollectionName } from '../../models';
import { SchemaError } from '../../src/support/schema-error';
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
      worker.on('message', (message: Report) => {
        if (message.type === 'progress') onProgress?.(message.done);
        else if (message.type === 'filled') resolve(message.filled);
        else reject(new SchemaError(message.report.code, message.report.summary, message.report));
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        const summary = 'The thread that makes the documents ended too early';
        reject(new SchemaError('FAILED', summary, { fix: 'run it again: it makes what is missing' }));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
