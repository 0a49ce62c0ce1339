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

/** Where to look, and how often. */
export interface MetricsOptions {
  readonly url: MongoUrl;
  readonly database: string;
  /** The collection that says what is applied; `changelog` unless given. */
  readonly changelog: string | undefined;
  /** The folder of the migrations. */
  readonly folder: string;
  /** The folder of the backups. */
  readonly backups: string;
  /** What /health/db tells. It never throws, and has a time limit of its own. */
  readonly check: () => Promise<Health>;
  /** The connections of other clients of this process, which count, too. */
  readonly pool: Pool;
  /** How long what was found is kept for later scrapes, in milliseconds. */
  readonly maxAge: number;
  /** How long looking may take, in milliseconds. */
  readonly timeout: number;
  /** Of how many collections it tells: 200. */
  readonly maxCollections?: number;
  /** Told in a line when a part cannot be found out, and when it can again. */
  readonly onProblem?: (line: string) => void;
}

export interface Metrics {
  /** The page. It comes in time whatever the server does. */
  readonly scrape: () => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** How long the end of a client is waited for, in milliseconds. */
const closesWithin = 1_000;

/** However many scrape at once, the server is asked once, over a client that is made anew once it has kept someone waiting. */
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
    // It says good-bye to the server, which may not answer.
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

/** Closing ends what still waits for an answer; and a client whose first attempt to connect failed would make no other. */
function isSuspect({ isLate, problems }: Gathered): boolean {
  return isLate || [...problems.values()].some((error) => !isSchemaError(error) && !isUnauthorized(error));
}

/** Says what changed: a part that stays unknown for days is told once. */
function teller(onProblem: MetricsOptions['onProblem']): (gathered: Gathered) => void {
  const told = new Map<PartName, string>();
  return ({ asked, problems }) => {
    for (const part of asked) {
      if (!problems.has(part) && told.delete(part)) onProblem?.(`metrics: ${part} can be found out again`);
    }
    for (const [part, error] of problems) {
      // Of several privileges that are missing, now this and now that one is met first.
      const { code } = reportOf(explainPrivilege(error));
      if (told.get(part) !== code) onProblem?.(`metrics: ${part} cannot be found out: ${reasonFor(error)}`);
      told.set(part, code);
    }
  };
}

/** The reasons of most errors may show values of documents; which privilege is missing is no value. */
function reasonFor(error: unknown): string {
  const explained = explainPrivilege(error);
  const { code, why = [] } = reportOf(explained);
  return [summaryOf(explained), ...(code === 'NOT_ALLOWED' ? why : [])].join(': ');
}
