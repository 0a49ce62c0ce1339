import type { Db, Document } from 'mongodb';
import { isUnauthorized } from '../database/server-errors';
import { isOwnIn } from '../database';
import { SchemaError } from '../support/schema-error';
import { readEntry, type LeftOut } from './entry';
import { Tally } from './tally';

/** The collection that the profiler writes to. Each database on each server has its own `system.profile`. */
export const profileCollection = 'system.profile';

export interface ProfileOptions {
  /** The minimum duration in milliseconds: faster queries are left out. */
  readonly slowMs: number;
  /** The times between which entries are read, by the server's clock: `from` is included, `to` is not. */
  readonly from?: Date;
  readonly to?: Date;
  /** The maximum number of entries; the newest are read. Unlimited by default. */
  readonly limit?: number;
  /** The time limit for the server, in milliseconds. No limit by default. */
  readonly maxTimeMS?: number;
}

/** Fields that are excluded from reads: the report does not need them, and they make up most of an entry. */
const unread = {
  execStats: 0,
  locks: 0,
  storage: 0,
  flowControl: 0,
  resolvedViews: 0,
  'command.documents': 0,
} as const;

/** Counts the entries in the profile of a database. */
export class ProfileTally {
  readonly tally = new Tally();
  /** Entries that are not counted: those of this tool and of the server, and commands without a collection. */
  readonly leftOut: Record<LeftOut, number> = { elsewhere: 0, own: 0, other: 0 };

  constructor(private readonly db: Db) {}

  /**
   * Reads entries of the profile, and adds them to the tally.
   * @throws error with code `NOT_ALLOWED` if a privilege is missing; the error names the role to grant
   */
  async read({ slowMs, from, to, limit, maxTimeMS }: ProfileOptions): Promise<void> {
    const { db } = this;
    const time = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
    const found = db.collection(profileCollection).find(from || to ? { ts: time } : {}, {
      projection: unread,
      bsonRegExp: true,
      sort: { $natural: -1 },
      readConcern: { level: 'local' },
      ...(limit !== undefined && { limit }),
      ...(maxTimeMS !== undefined && { maxTimeMS }),
    });
    const isOwn = (collection: string) => isOwnIn(db, collection);
    try {
      for await (const document of found as AsyncIterable<Document>) {
        const entry = readEntry(document, { database: db.databaseName, isOwn });
        if (typeof entry === 'string') this.leftOut[entry] += 1;
        else if (entry.milliseconds >= slowMs) this.tally.add(entry);
      }
    } catch (error) {
      throw isUnauthorized(error) ? mayNotRead(db.databaseName, error) : error;
    }
  }
}

function mayNotRead(database: string, cause: unknown): SchemaError {
  return new SchemaError('NOT_ALLOWED', 'Cannot read the profile', {
    why: `this user lacks the privilege find on ${database}.${profileCollection}`,
    fix: `grant this user the role clusterMonitor on admin, which the user \`monitor\` of docker/mongo-init.js has, or dbAdmin on ${database}; \`--log FILE\` needs no privilege`,
    cause,
  });
}
