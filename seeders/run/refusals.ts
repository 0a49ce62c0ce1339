import { SchemaError } from '../../src/support/schema-error';
import { MongoUrl } from '../../src/support/mongo-url';
import { processEnv } from '../../src/support/process-env';

/**
 * Refuses to write test data to a target that looks like production.
 * @param env environment variables; the default is the environment of the process
 * @throws error with code `USAGE` when the target looks like production, unless writing is forced
 */
export function refuseProduction(
  url: string | MongoUrl,
  { force = false }: { force?: boolean | undefined },
  env = processEnv(),
): void {
  if (force) return;
  const reasons = [
    ...(env['NODE_ENV'] === 'production' ? ['NODE_ENV is production'] : []),
    ...(isLocal(MongoUrl.of(url)) ? [] : ['the server is not on this machine']),
  ];
  if (reasons.length === 0) return;
  throw new SchemaError('USAGE', 'Nothing was changed: this looks like production', {
    why: reasons,
    fix: 'if this is not a production database, pass --force',
  });
}

function isLocal({ isSrv, hosts }: MongoUrl): boolean {
  return (
    !isSrv && hosts.every((host) => /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[^:]*%2F[^:]*\.sock)(:\d+)?$/i.test(host))
  );
}

/** @throws error with code `PENDING` that names the command which applies the pending migrations */
export function refusePending(pending: readonly string[]): void {
  if (pending.length === 0) return;
  const names = pending.length > 3 ? [...pending.slice(0, 3), `and ${pending.length - 3} more`] : pending;
  const summary = `Nothing was changed: ${pending.length} migration${pending.length === 1 ? ' is' : 's are'} pending`;
  throw new SchemaError('PENDING', summary, { why: names.join(', '), fix: 'apply them with `npm run deploy`' });
}
