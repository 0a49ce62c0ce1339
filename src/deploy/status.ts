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
  /** How many are pending, have failed, or are running. */
  readonly pending: number;
  /** How many are edited, missing, late, half rolled back or unknown. */
  readonly broken: number;
  /** Who is at work, if anybody is. */
  readonly holder?: LeaseDocument;
  /** Collections that an interrupted drop has left closed, or under another name. */
  readonly unfinishedDrops: readonly UnfinishedDrop[];
  /** A restore that has begun to change the database and has not come to its end: until it is ended, nobody can tell what is applied. */
  readonly unfinishedRestore?: { readonly what: string; readonly fix: string };
  /** Collections that a restore has loaded or replaced, and has not removed yet. */
  readonly leftByRestore: readonly string[];
}

/** A collection that an interrupted drop has left. */
export interface UnfinishedDrop {
  /** The name that it has now. */
  readonly collection: string;
  /**
   * - `closed`: it takes no writes
   * - `set aside`: it has another name than it had
   */
  readonly state: 'closed' | 'set aside';
  /** What brings it back, for mongosh; empty where nothing tells which name it had. */
  readonly commands: readonly string[];
}

/** What is known of every migration. Writes nothing, and needs no more than the right to read. */
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

/** How many migrations are not applied, and how many have a history that cannot be. */
export function countStates(migrations: readonly MigrationStatus[]): Pick<StatusReport, 'pending' | 'broken'> {
  return {
    pending: migrations.filter(({ state }) => unapplied.has(state)).length,
    broken: migrations.filter(isBroken).length,
  };
}

const unapplied: ReadonlySet<MigrationState> = new Set(['pending', 'failed', 'running']);

/** An attempt that began under the lease that is held now, and has not ended, is going on. */
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
