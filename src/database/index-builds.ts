import { MongoServerError, type Db, type Document } from 'mongodb';
import { isTransient } from './retry';
import { isUnauthorized, nameOfError } from './server-errors';

/** A running index build, and its progress in the current phase. */
export interface IndexBuild {
  readonly collection: string;
  readonly indexes: readonly string[];
  /** The build first scans the collection, and then inserts the keys into one index after the other. */
  readonly phase: 'scanning' | 'inserting keys';
  /** The unit of `done` and `total`: documents while scanning, keys while inserting. */
  readonly unit: 'documents' | 'keys';
  readonly done: number;
  readonly total: number;
}

/** The index builds with progress, or the reason why they are not known. */
export type SeenBuilds = { readonly builds: readonly IndexBuild[] } | { readonly unknown: string };

const lacksInprog =
  'this user lacks the privilege inprog on the cluster, which the role clusterMonitor on admin grants';

/**
 * Reads the running index builds in a database, from any client. The server builds indexes in its own threads, which are not operations of
 * the user who sent the command. So this function needs the privilege `inprog` on the cluster.
 * @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation/currentOp/
 */
export async function readIndexBuilds(db: Db): Promise<SeenBuilds> {
  const prefix = `${db.databaseName}.`;
  try {
    const operations = await db.client
      .db('admin')
      .aggregate(
        [
          // The server reports a waiting build as idle, so idle connections are included.
          { $currentOp: { allUsers: true, idleConnections: true, idleSessions: false } },
          { $match: { msg: { $regex: '^Index Build' }, 'progress.total': { $gt: 0 } } },
          { $project: { ns: 1, msg: 1, progress: 1, 'command.indexes.name': 1 } },
        ],
        { readConcern: { level: 'local' }, readPreference: 'primary' },
      )
      .toArray();
    const builds = operations.flatMap((operation) => {
      const { ns } = operation as { ns?: string };
      return ns?.startsWith(prefix) ? [toBuild(ns.slice(prefix.length), operation)] : [];
    });
    return { builds };
  } catch (error) {
    if (isUnauthorized(error)) return { unknown: lacksInprog };
    if (!(error instanceof MongoServerError) || isTransient(error)) throw error;
    return { unknown: `the server does not report it (${nameOfError(error)})` };
  }
}

function toBuild(collection: string, { msg, progress, command }: Document): IndexBuild {
  const { done, total } = progress as { done: unknown; total: unknown };
  const { indexes = [] } = (command ?? {}) as { indexes?: { name?: unknown }[] };
  const isScan = String(msg).startsWith('Index Build: scanning');
  return {
    collection,
    indexes: indexes.map(({ name }) => String(name)),
    phase: isScan ? 'scanning' : 'inserting keys',
    unit: isScan ? 'documents' : 'keys',
    done: Number(done),
    total: Number(total),
  };
}

/** Returns a description, such as `index build of users (email_1), scanning`. */
export function describeBuild({ collection, indexes, phase }: IndexBuild): string {
  return `index build of ${collection} (${indexes.join(', ')}), ${phase}`;
}
