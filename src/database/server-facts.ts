import type { Db } from 'mongodb';
import { SchemaError } from '../support/schema-error';

export interface ServerFacts {
  readonly isReplicaSet: boolean;
  /** `7.0.28`. */
  readonly version: string;
}

/**
 * Returns facts about the server of a database.
 * @throws error with code `UNSUPPORTED_SERVER` for a mongos, unless sharding is allowed: nothing was tested on a sharded cluster.
 */
export async function inspectServer(db: Db, { allowSharded = false } = {}): Promise<ServerFacts> {
  const admin = db.admin();
  const [hello, { version }] = await Promise.all([admin.command({ hello: 1 }), admin.command({ buildInfo: 1 })]);
  if (hello['msg'] === 'isdbgrid' && !allowSharded) {
    throw new SchemaError('UNSUPPORTED_SERVER', 'Migrations are not tested on sharded clusters', {
      why: 'the server is a mongos',
      fix: 'set SCHEMA_ALLOW_SHARDED=1 to use this server nevertheless',
    });
  }
  return { isReplicaSet: typeof hello['setName'] === 'string', version: String(version) };
}
