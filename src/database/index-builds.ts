import type { Db, Document } from 'mongodb';
import { isUnauthorized } from './server-errors';

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

/** Why index builds cannot be seen. */
export const lacksInprog =
  'this user lacks the privilege inprog on the cluster, which the role clusterMonitor on admin grants';

/**
 * The index builds in a database that tell how far they are; undefined where this user may not see them. The server works on them in threads
 * of its own, so they are no operations of the user who asked for them.
 * @see https://www.mongodb.com/docs/v7.0/reference/operator/aggregation/currentOp/
 */
export async function readIndexBuilds(db: Db): Promise<IndexBuild[] | undefined> {
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
    return operations.flatMap((operation) => {
      const { ns } = operation as { ns?: string };
      return ns?.startsWith(prefix) ? [toBuild(ns.slice(prefix.length), operation)] : [];
    });
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
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
