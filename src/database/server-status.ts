import type { Db, Document, ReadPreferenceLike } from 'mongodb';

/** Numbers that a server reports for all its databases together. */
export interface ServerStatus {
  readonly connections: {
    /** The connections of all clients. */
    readonly open: number;
    /** How many more connections the server would accept. */
    readonly available: number;
  };
  readonly ttl: TtlWork;
}

/** What TTLs have removed since the server started. */
export interface TtlWork {
  readonly deleted: number;
  readonly passes: number;
  readonly since: Date;
}

/** The options of a read whose time is limited. */
export interface AskOptions {
  /** How long the server may take, in milliseconds. */
  readonly maxTimeMS?: number;
  readonly readPreference?: ReadPreferenceLike;
}

/** Reads the numbers that the server reports. Needs the role `clusterMonitor`. */
export async function readServerStatus(
  db: Db,
  { readPreference = 'primary', ...limit }: AskOptions = {},
): Promise<ServerStatus> {
  const found = await db.admin().command({ ...cheapStatus, ...limit }, { readPreference });
  const [connections, metrics] = [found['connections'], found['metrics']] as [Document, Document];
  const { deletedDocuments, passes } = metrics['ttl'] as Document;
  const since = new Date((found['localTime'] as Date).getTime() - Number(found['uptimeMillis']));
  return {
    connections: { open: Number(connections['current']), available: Number(connections['available']) },
    ttl: { deleted: Number(deletedDocuments), passes: Number(passes), since },
  };
}

/** A serverStatus command without the parts that take the server the most time. */
const cheapStatus = { serverStatus: 1, wiredTiger: 0, tcmalloc: 0, locks: 0, opLatencies: 0, repl: 0 } as const;
