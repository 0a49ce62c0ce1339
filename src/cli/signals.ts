import type { Context } from './context';
import { exitCodes } from './exit-codes';

/** How long work that was told twice to end may take for it, in milliseconds. */
const endsWithin = 8_000;

/**
 * Runs something that stops at the first SIGINT or SIGTERM. At the second one the process ends at once, and says so: for work
 * that goes on from what is there when it is run again.
 */
export function stoppable<T>(context: Context, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return untilSignals(context, work, (name) => {
    context.progress(`${name}: ended at once. What was done until then stays; the same command goes on from there.`);
    process.exit(exitCodes.failed);
  });
}

/**
 * Runs something that stops, at the first SIGINT or SIGTERM, after the command that is on its way, and at the second one gives
 * that up, says what may still go on at the server, and ends. When it does not end, the process does.
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
    context.progress(`${name}: stopping after the command that is running; once more to stop waiting for it.`);
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
