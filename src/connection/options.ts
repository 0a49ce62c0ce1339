import type { MongoClientOptions } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';

/** How an application connects, unless its connection string says otherwise. */
export const defaults = {
  appName: 'sentimatrix-studio',
  maxPoolSize: 50,
  minPoolSize: 10,
  /** Milliseconds, as all that follow. */
  maxIdleTimeMS: 30_000,
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
} as const satisfies MongoClientOptions;

/**
 * What to give the driver beside a connection string. Whoever runs an application knows its machines better than its code
 * does, so what the string sets is left to it: the driver would let its own options win.
 * @throws Error with code `USAGE` when the string sets `timeoutMS`, under which the driver's pool is not to be relied on.
 */
export function clientOptionsFor(url: string, own: MongoClientOptions = {}): MongoClientOptions {
  const set = new Map([...new ConnectionString(url).searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  if (set.has('timeoutms')) {
    const message =
      'MONGODB_URL sets timeoutMS, which is not supported here. Way out: take it out, and bound single operations ' +
      'with maxTimeMS, or sockets with socketTimeoutMS.';
    throw Object.assign(new Error(message), { code: 'USAGE' });
  }
  const options: MongoClientOptions = Object.fromEntries(
    Object.entries({ ...defaults, ...own }).filter(([name]) => !set.has(name.toLowerCase())),
  );
  const smallest = Number(set.get('minpoolsize') ?? 0);
  if (options.maxPoolSize !== undefined && smallest > options.maxPoolSize) options.maxPoolSize = smallest;
  const largest = Number(set.get('maxpoolsize') ?? options.maxPoolSize);
  // Without a limit of its own (0) a pool may be as small as it likes; else the driver refuses a minimum above the maximum.
  if (options.minPoolSize !== undefined && largest > 0 && options.minPoolSize > largest) options.minPoolSize = largest;
  return options;
}

/** The hosts of a connection string, for people: no user, no password. */
export function hostsOf(url: string): readonly string[] {
  return new ConnectionString(url).hosts;
}
