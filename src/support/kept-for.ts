/**
 * Work that is done at most once at a time, and not again until so many milliseconds after its end: whoever asks meanwhile gets
 * what came of it last.
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
