import { isBroken, isHeld, lookAtHistory, readLease, type LeaseDocument, type MigrationStatus } from '../history';
import { withConnection, type Target } from './connection';
import { openProject } from './project';

export interface StatusOptions extends Target {
  readonly folder?: string | undefined;
}

export interface StatusReport {
  readonly migrations: readonly MigrationStatus[];
  readonly pending: number;
  /** How many are edited, missing, late, half rolled back or unknown. */
  readonly broken: number;
  /** Who is at work, if anybody is. */
  readonly holder?: LeaseDocument;
}

/** What is known of every migration. Writes nothing, and needs no more than the right to read. */
export async function status(options: StatusOptions): Promise<StatusReport> {
  const { texts } = openProject(options.folder);
  return withConnection(options, async ({ db }) => {
    const [migrations, holder] = await Promise.all([
      lookAtHistory(db, texts),
      isHeld(db).then((held) => (held ? readLease(db) : null)),
    ]);
    return {
      migrations,
      pending: migrations.filter(({ state }) => state === 'pending' || state === 'failed').length,
      broken: migrations.filter(isBroken).length,
      ...(holder && { holder }),
    };
  });
}
