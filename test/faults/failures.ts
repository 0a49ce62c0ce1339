/** What went wrong, a line each; several are tried at once. */
export async function failuresOf<T>(
  items: readonly T[],
  atOnce: number,
  attempt: (item: T) => Promise<void>,
): Promise<string[]> {
  const failures: string[] = [];
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      await attempt(item).catch((error: unknown) => {
        failures.push(messageOf(error));
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failures;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
