/** The exported metric families, in the order of the page. Names follow the Prometheus conventions: base units, and `_total` for counters. */
export const families = [
  gauge('schema_up', 'Whether a server answers: 1, else 0. Then what has to be asked for is left out.'),
  gauge('schema_writable', 'Whether a primary that can be written to answers.'),
  gauge('schema_healthy', 'Whether /health/db answers 200.'),
  gauge('schema_ping_seconds', 'How long a ping took, there and back.'),
  gauge('schema_scrape_error', 'Whether a part of this page could not be found out: its values are left out.', 'what'),
  gauge('schema_gathering_seconds', 'How long it took to find all this out.'),
  gauge('schema_gathered_timestamp_seconds', 'When that was: scrapes soon after get the same values.'),
  gauge('schema_pool_connections', 'Connections of this process to the server, checked out or available.', 'state'),
  gauge('schema_pool_waiting', 'How many operations of this process wait for a connection.'),
  gauge('schema_server_connections', 'Connections of all clients to the server: open, or still available.', 'state'),
  gauge('schema_migrations_pending', 'Migrations that are not applied: pending, failed, or running.'),
  gauge('schema_migrations_broken', 'Migrations that were edited, are missing, late, unknown or half rolled back.'),
  gauge('schema_drift_differences', 'In how many places the schema differs from what the applied migrations lead to.'),
  gauge('schema_lease_held', 'Whether a run holds the lease: a deploy, a rollback, a restore.'),
  gauge('schema_restore_unfinished', 'Whether a restore has begun to change the database and has not come to its end.'),
  gauge('schema_last_deploy_timestamp_seconds', 'When the last migration was applied, or failed.'),
  gauge('schema_last_deploy_failed', 'Whether that one failed or was interrupted.'),
  gauge('schema_newest_backup_timestamp_seconds', 'When the newest backup was taken.'),
  gauge(
    'schema_newest_verified_backup_timestamp_seconds',
    'When the newest backup was taken that was restored for a trial.',
  ),
  gauge('schema_collections', 'Collections of the database, without views and system collections.'),
  gauge('schema_collections_left_out', 'How many of them are not on this page, since there are too many.'),
  gauge('schema_collection_documents', 'Documents, as the server counts them.', 'collection'),
  gauge('schema_collection_data_bytes', 'Size of the documents, uncompressed.', 'collection'),
  gauge('schema_collection_storage_bytes', 'Size of the documents on the disk.', 'collection'),
  gauge('schema_collection_indexes_bytes', 'Size of all its indexes on the disk.', 'collection'),
  gauge('schema_index_bytes', 'Size of an index on the disk.', 'collection', 'index'),
  counter(
    'schema_index_operations_total',
    'How often operations used an index, on the member that answers.',
    'collection',
    'index',
  ),
  counter('schema_ttl_deleted_documents_total', 'Documents that TTLs have removed, in all databases of the server.'),
  counter('schema_ttl_passes_total', 'How often the server has looked for documents that TTLs let expire.'),
  gauge(
    'schema_slow_queries',
    'The number of slow queries of a shape in the newest entries of the profile.',
    'collection',
    'shape',
  ),
  gauge(
    'schema_slow_query_seconds',
    'The total duration of the slow queries of a shape in the newest entries of the profile.',
    'collection',
    'shape',
  ),
] as const;

export interface Family<Name extends string = string, Label extends string = string> {
  readonly name: Name;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly Label[];
}

type Known = (typeof families)[number];
export type FamilyName = Known['name'];
type LabelOf<Name extends FamilyName> = Extract<Known, { name: Name }>['labels'][number];

/** One value of a family. */
export interface Sample {
  readonly name: FamilyName;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Adds one sample. Its labels must be exactly those of the family. */
export type Emit = <Name extends FamilyName>(
  name: Name,
  value: number | boolean,
  ...labels: [LabelOf<Name>] extends [never] ? [] : [Readonly<Record<LabelOf<Name>, string>>]
) => void;

function gauge<Name extends string, Label extends string = never>(
  name: Name,
  help: string,
  ...labels: readonly Label[]
) {
  return { name, type: 'gauge', help, labels } as const satisfies Family<Name, Label>;
}

function counter<Name extends string, Label extends string = never>(
  name: Name,
  help: string,
  ...labels: readonly Label[]
) {
  return { name, type: 'counter', help, labels } as const satisfies Family<Name, Label>;
}
