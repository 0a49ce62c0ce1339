import { ConnectionString } from 'mongodb-connection-string-url';
import { withoutOverridden } from '../../config';

/** A connection string as the MongoDB Database Tools take it: the database is named apart, and waiting is bounded. */
export function toolUrl(url: string): string {
  const parsed = new ConnectionString(withoutOverridden(url).url);
  const database = parsed.pathname.slice(1);
  if (database !== '' && parsed.username !== '' && !parsed.searchParams.has('authSource')) {
    // The path also says where the user is kept, and it has to go: the tools refuse a second name of a database.
    parsed.searchParams.set('authSource', decodeURIComponent(database));
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
