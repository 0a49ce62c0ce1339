import { readConfig, withoutOverridden, type Config } from '../config';
import type { Target } from '../deploy';
import { resolveServer, waitForServer } from '../server';
import { progress } from './output';
import { stoppable } from './signals';

export interface TargetOptions {
  readonly embedded?: boolean;
  /** In place of the environment's MONGODB_URL and MONGODB_DATABASE. */
  readonly mongodbUrl?: string | undefined;
  /** In place of the environment's MONGODB_DATABASE. */
  readonly database?: string | undefined;
  /** How long to wait until the server can be used, in seconds. */
  readonly wait?: number;
}

/** Where a verb works, and how that was found. */
export interface CommandTarget extends Target {
  readonly leaseSeconds: number;
  /** For people and for the `--json` document; never the connection string. */
  readonly server: { readonly how: string; readonly version: string; readonly database: string };
}

/**
 * Finds the database that the environment names (or starts the embedded one), says which it is, and stops what it
 * started after the work.
 * @throws Error with code `USAGE` when MONGODB_URL is not set and `embedded` is not asked for.
 */
export async function withTarget<T>(
  verb: string,
  { embedded, wait = 0, mongodbUrl, database: named }: TargetOptions,
  work: (target: CommandTarget) => Promise<T>,
): Promise<T> {
  const { url: configured, database, allowSharded, leaseSeconds } = readTargetConfig({ mongodbUrl, database: named });
  if (configured !== undefined && wait > 0) {
    const onWait = (reason: string) => {
      progress(`waiting for the server: ${reason}`);
    };
    await stoppable((signal) => waitForServer(configured, { seconds: wait, onWait, signal }));
  }
  const { url, version, stop, ...resolved } = await resolveServer({
    url: configured,
    embedded,
    command: `schema ${verb}`,
  });
  const how = mongodbUrl === undefined ? resolved.how : '--mongodb-url';
  try {
    progress(`mongod ${version}, ${how}, database ${database}`);
    const { dropped } = withoutOverridden(url);
    if (dropped.length > 0) {
      const names = dropped.join(', ');
      progress(
        `notice: ${names} in MONGODB_URL is not used: migrations read from the primary and wait for a majority.`,
      );
    }
    return await work({ url, database, allowSharded, leaseSeconds, server: { how, version, database } });
  } finally {
    await stop();
  }
}

/**
 * What the environment says, with what the command line says in its place.
 * @throws Error with code `USAGE` that lists everything that is wrong with it
 */
export function readTargetConfig({ mongodbUrl, database }: Omit<TargetOptions, 'embedded'>): Config {
  return readConfig({
    ...process.env,
    ...(mongodbUrl !== undefined && { MONGODB_URL: mongodbUrl, MONGODB_PASSWORD_FILE: '', MONGODB_DATABASE: '' }),
    ...(database !== undefined && { MONGODB_DATABASE: database }),
  });
}
