import { refuseStopped, type Connection, type Target } from '../../deploy';
import { refuseUnfinished } from '../../history';
import { writeArchive, type WrittenArchive } from './archive-writer';
import { describeDatabase, describeDump, neverDumped } from './describe';
import { backupError } from './errors';
import type { OnEvent } from './events';
import { startTool } from './run-tool';
import { findTools } from './tools';

export interface DumpOptions extends Target {
  /** The file that does not count as a backup yet. */
  readonly partial: string;
  readonly createdAt: Date;
  /** A safety copy keeps what is there, even a half restored database; a backup does not. */
  readonly refusesUnfinished: boolean;
  readonly encryptTo?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/**
 * Dumps a database into an archive that also tells what was dumped.
 * @throws Error of mongodump, or when the database is empty or half restored, or is changed by a deploy meanwhile
 */
export async function dumpInto({ db, server }: Connection, options: DumpOptions): Promise<WrittenArchive> {
  const { partial, createdAt, refusesUnfinished, url, database, encryptTo, signal, onEvent } = options;
  // It must not take the place of good backups.
  if (refusesUnfinished) await refuseUnfinished(db, 'until then there is nothing to back up');
  const before = await describeDatabase(db);
  if (Object.keys(before.live.schema).length + before.live.others.size === 0) {
    throw backupError(
      'FAILED',
      `There is no database ${JSON.stringify(database)} on this server, or it has no collections: nothing was backed up.`,
    );
  }
  const tools = await findTools(url);
  refuseStopped(signal);
  const args = ['--archive', `--db=${database}`, `--excludeCollection=${neverDumped}`];
  const dumping = await startTool(tools, 'mongodump', url, args);
  const kill = () => {
    dumping.kill();
  };
  signal?.addEventListener('abort', kill, { once: true });
  try {
    return await writeArchive({
      file: partial,
      dump: dumping.stdout,
      encryptTo,
      describe: async (dump) => {
        await dumping.ended;
        const after = await describeDatabase(db);
        return describeDump(database, before, after, dump, { serverVersion: server.version, createdAt });
      },
      onDocuments: (done) => {
        onEvent?.({ type: 'progress', what: 'backing up', done, total: Math.max(before.documents, done) });
      },
    });
  } catch (error) {
    // A dump that is cut off looks damaged; why mongodump stopped says more.
    if ((error as { code?: unknown }).code === 'DAMAGED') await dumping.ended;
    throw error;
  } finally {
    kill();
    signal?.removeEventListener('abort', kill);
    await dumping.ended.catch(() => undefined);
    refuseStopped(signal);
  }
}
