import type { Db, Document } from 'mongodb';
import { isUnauthorized } from '../database/server-errors';
import { SchemaError } from '../support/schema-error';
import type { CheckedArchive } from './archive-reader';
import type { OnEvent } from './events';
import { kept } from './restore-plan';
import { look } from './swap-plan';

/**
 * Checks whether anything prevents an exchange of collections, and warns of what the exchange interrupts.
 * @throws error with code `BLOCKED` while an index is being built
 */
export async function lookBeforeSwap(db: Db, { dump }: CheckedArchive, onEvent?: OnEvent): Promise<void> {
  const standing = await look(db);
  const live = [...standing.values()].filter(({ name }) => !name.startsWith('system.') && !kept.includes(name));
  const building = await Promise.all(
    live
      .filter(({ type }) => type === 'collection')
      .map(async ({ name }) => ((await isBuilding(db, name)) ? [name] : [])),
  );
  if (building.flat().length > 0) {
    throw new SchemaError('BLOCKED', 'A collection cannot be exchanged while one of its indexes is built', {
      why: building.flat().map((name) => `an index of ${name} is being built`),
      fix: 'wait for the build, which db.currentOp() shows, and restore again; nothing was changed',
    });
  }
  const warn = (message: string) => onEvent?.({ type: 'warning', message });
  const series = new Set([
    ...live.filter(({ type }) => type === 'timeseries').map(({ name }) => name),
    ...dump.collections.filter(({ type }) => type === 'timeseries').map(({ name }) => name),
  ]);
  for (const name of series) {
    warn(`${name} is a time series, which is copied, not renamed: stop writing to it until the restore has ended`);
  }
  if (dump.collections.some(({ name }) => name === 'system.js')) {
    warn('the functions in system.js cannot be exchanged, so they are not restored: the existing functions stay');
  }
  for (const message of await whatGoesOn(db)) warn(message);
}

async function isBuilding(db: Db, name: string): Promise<boolean> {
  const { cursor } = (await db.command({ listIndexes: name, includeIndexBuildInfo: true })) as {
    cursor: { firstBatch: Document[] };
  };
  return cursor.firstBatch.some((index) => index['indexBuildInfo'] !== undefined);
}

/** Describes the change streams that an exchange ends and the transactions that it waits for, or says that this user may not see them. */
async function whatGoesOn(db: Db): Promise<string[]> {
  const operations = await db.client
    .db('admin')
    .aggregate([{ $currentOp: { allUsers: true, idleCursors: true, idleSessions: true } }], {
      readConcern: { level: 'local' },
    })
    .toArray()
    .catch((error: unknown) => {
      if (isUnauthorized(error)) return undefined;
      throw error;
    });
  if (!operations) {
    return [
      'it is unknown whether change streams or transactions are open: this user lacks the privilege inprog; ' +
        'exchanging the collections ends change streams on them, and waits for transactions',
    ];
  }
  const prefix = `${db.databaseName}.`;
  const streams = new Set(
    operations.flatMap((operation) => {
      const { cursor, ns, command } = operation as { cursor?: Document; ns?: string; command?: Document };
      const asked = (cursor?.['originatingCommand'] ?? command) as Document | undefined;
      const [first] = (asked?.['pipeline'] ?? []) as Document[];
      const isStream = first?.['$changeStream'] !== undefined && typeof asked?.['aggregate'] === 'string';
      return isStream && ns?.startsWith(prefix) ? [ns.slice(prefix.length)] : [];
    }),
  );
  const open = operations.filter(({ transaction }) => transaction !== undefined).length;
  return [
    ...[...streams].map(
      (name) => `the exchange of ${name} will end a change stream on it: start the stream again after that`,
    ),
    ...(open > 0
      ? [
          `${open === 1 ? 'a transaction is' : `${open} transactions are`} open: the exchange waits for those that use its collections`,
        ]
      : []),
  ];
}

/**
 * Reports how much space a restore needs in addition to the present data, and how much the server has.
 * @throws error with code `BACKUP` when the server has less
 */
export async function judgeSpace(db: Db, { manifest }: CheckedArchive, onEvent?: OnEvent): Promise<void> {
  const found = await db.command({ dbStats: 1 }).catch((error: unknown) => {
    if (isUnauthorized(error)) return undefined;
    throw error;
  });
  if (!found) {
    onEvent?.({
      type: 'warning',
      message: 'it is unknown how much space the server has: this user lacks the privilege dbStats',
    });
    return;
  }
  const stats = found as Readonly<Record<string, number | undefined>>;
  const { dataSize = 0, storageSize = 0, indexSize = 0, fsUsedSize, fsTotalSize } = stats;
  const documents = manifest.collections.reduce((sum, { bytes }) => sum + bytes, 0);
  const isTelling = dataSize > telling;
  // Estimate the compression and the size of the indexes from the present data, which are of the same kind.
  const storage = documents * (isTelling ? Math.min(1, storageSize / dataSize) : 1);
  const indexes = documents * (isTelling ? Math.min(1, indexSize / dataSize) : usualIndexes);
  const needed = Math.ceil(storage + indexes);
  const live = storageSize + indexSize;
  const says = `the restore needs about ${mebibytes(needed)} on the server (${mebibytes(indexes)} of it for indexes), in addition to the ${mebibytes(live)} of the existing data`;
  if (fsUsedSize === undefined || fsTotalSize === undefined) {
    onEvent?.({ type: 'step', message: `${says}; the server does not say how much is free` });
    return;
  }
  const free = fsTotalSize - fsUsedSize;
  onEvent?.({ type: 'step', message: `${says}; ${mebibytes(free)} are free` });
  if (free >= needed) return;
  throw new SchemaError('BACKUP', 'The server has too little space for a restore, so nothing was changed', {
    why: [
      says,
      `${mebibytes(free)} are free`,
      'files of collections that were dropped within the last 5 minutes still take up space',
    ],
    fix: 'free some space, or wait 5 minutes after a drop; to restore without this check: --no-space-check',
  });
}

/** In bytes. If the present data are smaller than this, the estimate does not use them. */
const telling = 16 * 1024 * 1024;
const usualIndexes = 0.2;

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / (1024 * 1024))} MiB`;
}
