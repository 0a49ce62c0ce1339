/** Returns a function that does the work at its first call, and returns the same promise at every call. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= work());
}
