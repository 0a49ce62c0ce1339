import { openProject, planMigrations, withConnection, type PlannedMigration, type Target } from '../../deploy';
import { historyError, isBroken, lookAtHistory } from '../../history';
import { foldMigrations } from '../../migration';
import { describeChange, documentKeys, readSchema } from '../../schema';
import type { LivePlan } from './data';

export interface LiveOptions extends Target {
  /** The folder of the migrations; this repository's own unless given. */
  readonly folder?: string | undefined;
}

/**
 * What a deploy would do on a server now. Writes nothing, and needs no more than the role `read`.
 * @throws Error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in a change's place.
 */
export async function lookAtServer(options: LiveOptions): Promise<LivePlan> {
  const project = openProject(options.folder);
  return withConnection(options, async ({ db, server }) => {
    const statuses = await lookAtHistory(db, project.texts);
    const error = historyError(statuses.filter(isBroken));
    if (error) throw error;
    const names = statuses.filter(({ appliedAt }) => !appliedAt).map(({ name }) => name);
    const migrations = project.load();
    const live = await readSchema(db, { documents: documentKeys(foldMigrations(migrations)) });
    const pending = migrations.filter(({ name }) => names.includes(name));
    const planned = await planMigrations(db, live, pending);
    return { server: `mongod ${server.version}, database ${options.database}`, pending: planned.map(describePlanned) };
  });
}

/** A comment is read by many: counts are told, and no value or _id of a document. */
function describePlanned({ name, changes, dataSteps }: PlannedMigration) {
  return {
    name,
    changes: [
      ...changes.map(({ change, verdict, findings, isCheckedLater }) => ({
        what: describeChange(change),
        verdict,
        notes: [
          ...findings.map(({ message, blocks }) => (blocks ? `stops the deploy: ${message}` : message)),
          ...(isCheckedLater ? ['looked at later: an earlier pending migration writes here'] : []),
        ],
      })),
      ...dataSteps.map((what) => ({ what, verdict: 'run', notes: [] })),
    ],
  };
}
