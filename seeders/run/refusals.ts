import { ConnectionString } from 'mongodb-connection-string-url';

/**
 * Test data belongs on the machine at hand.
 * @throws Error with code `USAGE` when the target looks like production, unless it is forced
 */
export function refuseProduction(
  url: string,
  { force = false }: { force?: boolean | undefined },
  env = process.env,
): void {
  if (force) return;
  const reasons = [
    ...(env['NODE_ENV'] === 'production' ? ['NODE_ENV is production'] : []),
    ...(isLocal(url) ? [] : ['the server is not on this machine']),
  ];
  if (reasons.length === 0) return;
  const message = `Nothing was changed: this looks like production (${reasons.join(', and ')}). Way out: --force, when it is not.`;
  throw Object.assign(new Error(message), { code: 'USAGE' });
}

function isLocal(url: string): boolean {
  const { isSRV, hosts } = new ConnectionString(url);
  return (
    !isSRV && hosts.every((host) => /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[^:]*%2F[^:]*\.sock)(:\d+)?$/i.test(host))
  );
}

/** @throws Error with code `PENDING` that names the command */
export function refusePending(pending: readonly string[]): void {
  if (pending.length === 0) return;
  const names = pending.length > 3 ? [...pending.slice(0, 3), `and ${pending.length - 3} more`] : pending;
  const message =
    `Nothing was changed: ${pending.length} migration${pending.length === 1 ? ' is' : 's are'} pending (${names.join(', ')}). ` +
    'Way out: `npm run deploy` applies them.';
  throw Object.assign(new Error(message), { code: 'PENDING' });
}
