import type { MongoClient } from 'mongodb';
import { explainPrivilege, nameChangelog } from '../database';
import { newClient } from '../database/client';
import { isUnauthorized } from '../database/server-errors';
import type { Health } from '../health';
import { openProject, type Project } from '../project';
import { within } from '../support/abort';
import { keptFor } from '../support/kept-for';
import type { MongoUrl } from '../support/mongo-url';
import { isSchemaError, reportOf, summaryOf } from '../support/schema-error';
import { expose, type Page } from './exposition';
import { gather, type Gathered, type PartName } from './gather';
import type { Pool } from './pool';

/** The sources of the metrics, and their limits. */
export interface MetricsOptions {
  readonly url: MongoUrl;
  readonly database: string;
  /** The changelog collection of migrate-mongo. Default: `changelog`. */
  readonly changelog: string | undefined;
  /** The folder with the migrations. */
  readonly folder: string;
  /** The folder with the backups. */
  readonly backups: string;
  /** Runs the check of /health/db. The check never throws, and has its own time limit. */
  readonly check: () => Promise<Health>;
  /** Counts the connections of this process, including those of the clients that the metrics use. */
  readonly pool: Pool;
  /** How long a page is reused for later scrapes, in milliseconds. */
  readonly maxAge: number;
  /** The time limit for collecting the samples, in milliseconds. */
  readonly timeout: number;
  /** The maximum number of collections. Default: 200. */
  readonly maxCollections?: number;
  /** Called with one line when a part fails, and when the part works again. */
  readonly onProblem?: (line: string) => void;
}

export interface Metrics {
  /** Returns the page within the time limits, even if the server does not answer. */
  readonly scrape: () => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** The time limit for closing a client, in milliseconds. */
const closesWithin = 1_000;

/** Returns the metrics. Concurrent scrapes share one set of commands to the server. A client that was too slow is replaced. */
export function makeMetrics({ maxAge, timeout, pool, onProblem, ...options }: MetricsOptions): Metrics {
  const { url, database, changelog, folder, maxCollections = 200 } = options;
  let client: MongoClient | undefined;
  let project: Project | undefined;
  const connect = () => {
    const made = newClient(url, {
      appName: 'schema-metrics',
      minPoolSize: 0,
      maxPoolSize: 5,
      serverSelectionTimeoutMS: timeout,
      connectTimeoutMS: timeout,
      socketTimeoutMS: timeout,
      waitQueueTimeoutMS: timeout,
    });
    nameChangelog(made, changelog);
    pool.follow(made);
    return made;
  };
  const close = async () => {
    const closing = client;
    client = undefined;
    // Closing sends endSessions to the server, which may not answer, so wait only briefly.
    if (closing)
      await within(
        closesWithin,
        closing.close().catch(() => undefined),
        () => undefined,
      );
  };
  const sources = {
    ...options,
    pool,
    timeout,
    maxCollections,
    db: () => (client ??= connect()).db(database),
    project: () => (project ??= openProject(folder, changelog)),
  };
  const tell = teller(onProblem);
  const scrape = keptFor(maxAge, async () => {
    const gathered = await gather(sources);
    tell(gathered);
    if (isSuspect(gathered)) void close();
    return expose(gathered.samples);
  });
  return { scrape, close };
}

/**
 * Returns whether to replace the client. Closing the client ends its waiting commands. A client that never connected would not try to
 * connect again.
 */
function isSuspect({ isLate, problems }: Gathered): boolean {
  return isLate || [...problems.values()].some((error) => !isSchemaError(error) && !isUnauthorized(error));
}

/** Returns a function that reports a part only when its state changes: a part that fails for days is reported once. */
function teller(onProblem: MetricsOptions['onProblem']): (gathered: Gathered) => void {
  const told = new Map<PartName, string>();
  return ({ asked, problems }) => {
    for (const part of asked) {
      if (!problems.has(part) && told.delete(part)) onProblem?.(`metrics: ${part} can be read again`);
    }
    for (const [part, error] of problems) {
      // If several privileges are missing, the error may name a different one each time. So only the codes are compared.
      const { code } = reportOf(explainPrivilege(error));
      if (told.get(part) !== code) onProblem?.(`metrics: ${part} cannot be read: ${reasonFor(error)}`);
      told.set(part, code);
    }
  };
}

/**
 * Returns the message of an error. The message includes reasons only for missing privileges, since other reasons may contain document
 * values.
 */
function reasonFor(error: unknown): string {
  const explained = explainPrivilege(error);
  const { code, why = [] } = reportOf(explained);
  return [summaryOf(explained), ...(code === 'NOT_ALLOWED' ? why : [])].join(': ');
}
