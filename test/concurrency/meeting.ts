import { startProxy, type Treatment } from '../support/proxy';

/**
 * Does something in which the first command of a kind, `insert schema_history`, is treated like this. Resolves to whether
 * there was one.
 */
export async function meeting(
  serverUrl: string,
  kind: string,
  treatment: Treatment,
  run: (url: string) => Promise<unknown>,
): Promise<boolean> {
  let hasMet = false;
  const proxy = await startProxy(serverUrl, ({ name, collection }) => {
    if (hasMet || `${name} ${collection}`.trim() !== kind) return undefined;
    hasMet = true;
    return treatment;
  });
  try {
    await run(proxy.url);
  } finally {
    await proxy.close();
  }
  return hasMet;
}
