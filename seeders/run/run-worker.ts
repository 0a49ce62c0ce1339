import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CollectionName } from '../../models';
import { SchemaError } from '../../src/support/schema-error';
import type { Filled } from './fill';
import type { Instruction, Order, Report } from './messages';

/**
 * The file of the worker. It is a source file if this file is one, else a compiled file. The worker inherits the loader for source files
 * from the process.
 */
const file = path.join(__dirname, `worker${path.extname(__filename)}`);

/** In megabytes. Documents are short-lived: with more memory, V8 would only free them later. */
const resourceLimits = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 192 };

/** Fills the database on another thread, until the work is done, fails, or is stopped. */
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
        reject(new SchemaError('FAILED', summary, { fix: 'run the command again: it makes the missing documents' }));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
