import { exitCodes } from './exit-codes';
import { progress } from './output';

/**
 * Runs something that stops, at the first SIGINT or SIGTERM, after the command that is on its way. At the second one the
 * process ends at once: the lease runs out by itself, since nobody knows what the server is still doing.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCodes.failed);
    progress(`${name}: stopping after the command that is running; once more to stop waiting for it.`);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
