import type { MongoClientOptions } from 'mongodb';
import type { MongoUrl } from '../support/mongo-url';
import { SchemaError } from '../support/schema-error';

/** The default options of an application's connection. The connection string can override them. */
export const defaults = {
  maxPoolSize: 50,
  minPoolSize: 10,
  /** In milliseconds, like the times below. */
  maxIdleTimeMS: 30_000,
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 10_000,
} as const satisfies MongoClientOptions;

/**
 * Returns the options for the driver. Options in the connection string take precedence, because the operator of an application knows
 * the machines better than the code does. Without this function, the driver would prefer the options from the code.
 * @throws error with code `USAGE` when the string sets `timeoutMS`: the driver's connection pool is not reliable with it.
 */
export function clientOptionsFor(url: MongoUrl, own: MongoClientOptions = {}): MongoClientOptions {
  if (url.option('timeoutMS') !== undefined) {
    throw new SchemaError('USAGE', 'MONGODB_URL sets timeoutMS, which is not supported here', {
      fix: 'remove timeoutMS; limit single operations with maxTimeMS, or sockets with socketTimeoutMS',
    });
  }
  const options: MongoClientOptions = Object.fromEntries(
    Object.entries({ ...defaults, ...own }).filter(([name]) => url.option(name) === undefined),
  );
  const smallest = Number(url.option('minPoolSize') ?? 0);
  if (options.maxPoolSize !== undefined && smallest > options.maxPoolSize) options.maxPoolSize = smallest;
  const largest = Number(url.option('maxPoolSize') ?? options.maxPoolSize);
  // Lower the minimum, because the driver refuses a minimum above the maximum. A maxPoolSize of 0 means no limit.
  if (options.minPoolSize !== undefined && largest > 0 && options.minPoolSize > largest) options.minPoolSize = largest;
  return options;
}
