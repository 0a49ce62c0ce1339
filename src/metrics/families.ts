/** The exported metric families, in the order of the page. Names follow the Prometheus conventions: base units, and `_total` for counters. */
export const families = [
  gauge('schema_up', '1 if a server answers, else 0. At 0, all values that come from the server are omitted.'),
  gauge('schema_writable', '1 if a writable primary answers, else 0.'),
  gauge('schema_healthy', '1 if /health/db answers 200, else 0.'),
  gauge('schema_ping_seconds', 'Round-trip time of a ping.'),
  gauge(
    'schema_scrape_error',
    '1 if this part of the page could not be read, else 0. At 1, its values are omitted.',
    'what',
  ),
  gauge('schema_gathering_seconds', 'How long it took to read the values of this page.'),
  gauge(
    'schema_gathered_timestamp_seconds',
    'When the values of this page were read. Scrapes shortly afterwards get the same values.',
  ),
  gauge('schema_pool_connections', 'Connections of this process to the server, checked out or available.', 'state'),
  gauge('schema_pool_waiting', 'Operations of this process that wait for a connection.'),
  gauge('schema_server_connections', 'Connections of all clients to the server, open or still available.', 'state'),
  gauge('schema_migrations_pending', 'Migrations that are not applied: pending, failed, or running.'),
  gauge('schema_migrations_broken', 'Migrations that were edited, are missing, late, unknown or half rolled back.'),
  gauge('schema_drift_differences', 'Differences between the schema and the result of the applied migrations.'),
  gauge('schema_lease_held', '1 if a run (such as a deploy or a restore) holds the lease, else 0.'),
  gauge('schema_restore_unfinished', '1 if a restore has begun to change the database and has not finished, else 0.'),
  gauge('schema_last_deploy_timestamp_seconds', 'When a migration was last applied, or last failed.'),
  gauge('schema_last_deploy_failed', '1 if the last deploy of a migration failed or was interrupted, else 0.'),
  gauge('schema_newest_backup_timestamp_seconds', 'When the newest backup was taken.'),
  gauge(
    'schema_newest_verified_backup_timestamp_seconds',
    'When the newest verified backup was taken. To verify a backup, it is restored as a test.',
  ),
  gauge('schema_collections', 'Collections of the database, without views and system collections.'),
  gauge('schema_collections_left_out', 'Collections that are not on this page, because the database has too many.'),
  gauge('schema_collection_documents', 'Number of documents, from the metadata of the collection.', 'collection'),
  gauge('schema_collection_data_bytes', 'Size of the documents, uncompressed.', 'collection'),
  gauge('schema_collection_storage_bytes', 'Size of the documents on the disk.', 'collection'),
  gauge('schema_collection_indexes_bytes', 'Size of all indexes of the collection on the disk.', 'collection'),
  gauge('schema_index_bytes', 'Size of an index on the disk.', 'collection', 'index'),
  counter(
    'schema_index_operations_total',
    'How often operations used an index, on the member that answers.',
    'collection',
    'index',
  ),
  counter(
    'schema_ttl_deleted_documents_total',
    'Documents that TTL indexes have deleted, in all databases of the server.',
  ),
  counter('schema_ttl_passes_total', 'How often the server has searched for expired documents.'),
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

/** Adds one sample. Its labels must be exactly the labels of the family. */
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
