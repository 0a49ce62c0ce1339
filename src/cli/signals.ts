import type { Context } from './context';
import { exitCodes } from './exit-codes';

/** After the second signal, the work may take this long to end, in milliseconds. */
const endsWithin = 8_000;

/**
 * Runs work that stops at the first SIGINT or SIGTERM. At the second signal, prints a message and ends the process immediately. Use this
 * for work that can be continued by running it again.
 */
export function stoppable<T>(context: Context, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return untilSignals(context, work, (name) => {
    context.progress(`${name}: ended immediately. Finished work is kept; run the same command again to continue.`);
    process.exit(exitCodes.failed);
  });
}

/**
 * Runs work that stops at the first SIGINT or SIGTERM, after the running command. At the second signal, the work abandons that command,
 * reports what may still run on the server, and ends. If the work does not end in time, the process ends anyway.
 */
export async function stoppableRun<T>(
  context: Context,
  work: (signals: { readonly signal: AbortSignal; readonly abandon: AbortSignal }) => Promise<T>,
): Promise<T> {
  const abandoning = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSecond = () => {
    timer ??= setTimeout(() => process.exit(exitCodes.failed), endsWithin);
    abandoning.abort();
  };
  try {
    return await untilSignals(context, (signal) => work({ signal, abandon: abandoning.signal }), onSecond);
  } finally {
    clearTimeout(timer);
  }
}

async function untilSignals<T>(
  context: Context,
  work: (signal: AbortSignal) => Promise<T>,
  onSecond: (name: NodeJS.Signals) => void,
): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      onSecond(name);
      return;
    }
    context.progress(`${name}: stopping after the running command; press Ctrl-C again to stop waiting for it.`);
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
