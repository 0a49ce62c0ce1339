import type { MongoClientOptions } from 'mongodb';
import type { MongoUrl } from '../support/mongo-url';
import { SchemaError } from '../support/schema-error';

/** How an application connects, unless its connection string says otherwise. */
export const defaults = {
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
 * @throws error with code `USAGE` when the string sets `timeoutMS`, under which the driver's pool is not to be relied on.
 */
export function clientOptionsFor(url: MongoUrl, own: MongoClientOptions = {}): MongoClientOptions {
  if (url.option('timeoutMS') !== undefined) {
    throw new SchemaError('USAGE', 'MONGODB_URL sets timeoutMS, which is not supported here', {
      fix: 'take it out; limit single operations with maxTimeMS, or sockets with socketTimeoutMS',
    });
  }
  const options: MongoClientOptions = Object.fromEntries(
    Object.entries({ ...defaults, ...own }).filter(([name]) => url.option(name) === undefined),
  );
  const smallest = Number(url.option('minPoolSize') ?? 0);
  if (options.maxPoolSize !== undefined && smallest > options.maxPoolSize) options.maxPoolSize = smallest;
  const largest = Number(url.option('maxPoolSize') ?? options.maxPoolSize);
  // Without a limit of its own (0) a pool may be as small as it likes; else the driver refuses a minimum above the maximum.
  if (options.minPoolSize !== undefined && largest > 0 && options.minPoolSize > largest) options.minPoolSize = largest;
  return options;
}
