import { MongoServerError, type Db, type Document } from 'mongodb';
import { isTransient } from './retry';
import { isUnauthorized, nameOfError } from './server-errors';

/** An index build that is going on, and how far it has come in its present phase. */
export interface IndexBuild {
  readonly collection: string;
  readonly indexes: readonly string[];
  /** First the collection is scanned; then the keys are put into one index after the other. */
  readonly phase: 'scanning' | 'inserting keys';
  /** Documents while it scans, keys later. */
  readonly unit: 'documents' | 'keys';
  readonly done: number;
  readonly total: number;
}

/** The index builds that tell how far they are, or why the server does not tell of them. */
export type SeenBuilds = { readonly builds: readonly IndexBuild[] } | { readonly unknown: string };

const lacksInprog =
  'this user lacks the privilege inprog on the cluster, which the role clusterMonitor on admin grants';

/**
 * The index builds in a database, whoever began them. The server works on them in threads of its own, so they are no operations of the user
 * who asked for them, and it takes a privilege to see them.
 * @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation/currentOp/
 */
export async function readIndexBuilds(db: Db): Promise<SeenBuilds> {
  const prefix = `${db.databaseName}.`;
  try {
    const operations = await db.client
      .db('admin')
      .aggregate(
        [
          // A build that waits for something counts as idle.
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
    return { unknown: `the server does not tell (${nameOfError(error)})` };
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

/** `index build of users (email_1), scanning` */
export function describeBuild({ collection, indexes, phase }: IndexBuild): string {
  return `index build of ${collection} (${indexes.join(', ')}), ${phase}`;
}
