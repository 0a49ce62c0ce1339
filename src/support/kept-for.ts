/**
 * Returns a function that does the work, and caches its result for a number of milliseconds after the work has ended. Calls during the
 * work, or while the result is cached, get the same promise.
 */
export function keptFor<T>(milliseconds: number, work: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | undefined;
  let freshUntil = Infinity;
  return () => {
    if (latest && performance.now() < freshUntil) return latest;
    freshUntil = Infinity;
    latest = work().finally(() => {
      freshUntil = performance.now() + milliseconds;
    });
    return latest;
  };
}
