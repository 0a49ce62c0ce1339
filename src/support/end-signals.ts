/**
 * Returns a promise that resolves at the first signal. The signal handlers remain until `forget` is called, so a second Ctrl-C cannot
 * interrupt the shutdown.
 */
export function endOf(signal?: AbortSignal): { promise: Promise<void>; forget: () => void } {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  const handler = (): void => {
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, handler);
  signal?.addEventListener('abort', handler);
  if (signal?.aborted) handler();
  return {
    promise,
    forget: () => {
      for (const name of signals) process.off(name, handler);
      signal?.removeEventListener('abort', handler);
    },
  };
}
