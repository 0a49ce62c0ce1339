import type { CollectionInfo } from 'mongodb';
import { listCollections, readSetAside } from '../database';
import { decodeClosed, isRestoreName, isSetAside, renameCommand, reopenCommand } from '../schema';
import {
  describeUnfinished,
  fixOfUnfinished,
  isBroken,
  isHeld,
  lookAtHistory,
  readLease,
  readUnfinished,
  type LeaseDocument,
  type MigrationState,
  type MigrationStatus,
} from '../history';
import { withReads, type Target } from '../database/connection';
import { openProject } from '../project/project';
import { readRunning, type Running } from './running';

export interface StatusOptions extends Target {
  readonly folder?: string | undefined;
}

export interface StatusReport extends Running {
  readonly migrations: readonly MigrationStatus[];
  /** The number of migrations that are pending, failed or running. */
  readonly pending: number;
  /** The number of migrations that are edited, missing, late, half rolled back or unknown. */
  readonly broken: number;
  /** The holder of the lease, if any. */
  readonly holder?: LeaseDocument;
  /** Collections that an interrupted drop has left closed for writes, or under another name. */
  readonly unfinishedDrops: readonly UnfinishedDrop[];
  /**
   * A restore that began to change the database and did not finish. Until the restore is finished or undone, it is unknown which migrations
   * are applied.
   */
  readonly unfinishedRestore?: { readonly what: string; readonly fix: string };
  /** Collections that a restore has loaded or replaced, and has not removed yet. */
  readonly leftByRestore: readonly string[];
}

/** A collection that an interrupted drop has left. */
export interface UnfinishedDrop {
  /** Its present name. */
  readonly collection: string;
  /**
   * - `closed`: the collection is closed for writes
   * - `set aside`: the collection was renamed
   */
  readonly state: 'closed' | 'set aside';
  /** The mongosh commands that restore the collection; empty when its original name is unknown. */
  readonly commands: readonly string[];
}

/** Returns the state of every migration. Writes nothing, and needs only the right to read. */
export async function status(options: StatusOptions): Promise<StatusReport> {
  const { texts } = openProject(options.folder, options.changelog);
  return withReads(options, async ({ db }) => {
    const [judged, found, unfinished, holder] = await Promise.all([
      lookAtHistory(db, texts),
      listCollections(db),
      readUnfinished(db),
      isHeld(db).then((held) => (held ? readLease(db) : null)),
    ]);
    const migrations = judged.map((one) => asRunning(one, holder));
    const running = migrations.find(({ state }) => state === 'running');
    return {
      migrations,
      ...countStates(migrations),
      unfinishedDrops: found.flatMap(unfinishedDrop),
      ...(unfinished && {
        unfinishedRestore: { what: describeUnfinished(unfinished), fix: fixOfUnfinished(unfinished) },
      }),
      leftByRestore: found.map(({ name }) => name).filter(isRestoreName),
      ...(holder && { holder }),
      ...(await readRunning(db, running?.name)),
    };
  });
}

/** Returns how many migrations are pending, failed or running, and how many are broken. */
export function countStates(migrations: readonly MigrationStatus[]): Pick<StatusReport, 'pending' | 'broken'> {
  return {
    pending: migrations.filter(({ state }) => unapplied.has(state)).length,
    broken: migrations.filter(isBroken).length,
  };
}

const unapplied: ReadonlySet<MigrationState> = new Set(['pending', 'failed', 'running']);

/** Marks an attempt as running when it began under the present lease and has not ended. */
function asRunning(status: MigrationStatus, holder: LeaseDocument | null): MigrationStatus {
  const { failure } = status;
  const isRunning = holder !== null && failure?.type === 'started' && failure.token === holder.token;
  return isRunning ? { ...status, state: 'running' } : status;
}

function unfinishedDrop(info: CollectionInfo): UnfinishedDrop[] {
  const { name, options = {}, type } = info;
  if (type !== 'collection') return [];
  if (!isSetAside(name)) {
    const before = decodeClosed(options);
    return before ? [{ collection: name, state: 'closed', commands: [reopenCommand(name, before)] }] : [];
  }
  const { was, before, isPlaceholder } = readSetAside(info);
  if (isPlaceholder) return [];
  const commands = was === undefined ? [] : [renameCommand(name, was), ...(before ? [reopenCommand(was, before)] : [])];
  return [{ collection: name, state: 'set aside', commands }];
}
