import { ConnectionString } from 'mongodb-connection-string-url';
import { withoutOverridden } from '../../config';

/** Their users are kept outside of any database. */
const external = new Set(['MONGODB-X509', 'MONGODB-AWS', 'MONGODB-OIDC', 'GSSAPI', 'PLAIN']);

/** A connection string as the MongoDB Database Tools take it: the database is named apart, and waiting is bounded. */
export function toolUrl(url: string): string {
  const parsed = new ConnectionString(withoutOverridden(url).url);
  const { searchParams } = parsed;
  const isExternal = external.has(searchParams.get('authMechanism') ?? '');
  if (parsed.username !== '' && !searchParams.has('authSource') && !isExternal) {
    // The path says where the user is kept, and it has to go: the tools refuse a second name of a database. Told nothing,
    // they would look for the user in the one that is dumped.
    searchParams.set('authSource', decodeURIComponent(parsed.pathname.slice(1)) || 'admin');
  }
  parsed.pathname = '/';
  if (!parsed.searchParams.has('serverSelectionTimeoutMS'))
    parsed.searchParams.set('serverSelectionTimeoutMS', '10000');
  return parsed.toString();
}

/** What of a connection string nobody may see, as it is written there and as it is meant. */
export function secretsOf(url: string): string[] {
  const { password } = new ConnectionString(url);
  return password === '' ? [] : [...new Set([password, decodeURIComponent(password)])];
}
