import { readConfig, withoutOverridden } from '../config';
import type { Target } from '../deploy';
import { resolveServer, waitForServer } from '../server';
import { progress } from './output';
import { stoppable } from './signals';

export interface TargetOptions {
  readonly embedded?: boolean;
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
  { embedded, wait = 0 }: TargetOptions,
  work: (target: CommandTarget) => Promise<T>,
): Promise<T> {
  const { url: configured, database, allowSharded, leaseSeconds } = readConfig();
  if (configured !== undefined && wait > 0) {
    const onWait = (reason: string) => {
      progress(`waiting for the server: ${reason}`);
    };
    await stoppable((signal) => waitForServer(configured, { seconds: wait, onWait, signal }));
  }
  const { url, how, version, stop } = await resolveServer({ url: configured, embedded, command: `schema ${verb}` });
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
