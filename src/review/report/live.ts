import type { PlannedMigration, Target } from '../../deploy';
import { describeChange } from '../../schema';
import { plan } from '../plan';
import type { LivePlan } from './data';

/**
 * What a deploy would do on a server now. Writes nothing, and needs no more than the role `read`.
 * @throws Error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in a change's place.
 */
export async function lookAtServer(target: Target & { readonly folder?: string }): Promise<LivePlan> {
  const { version, pending } = await plan(target);
  return { server: `mongod ${version}, database ${target.database}`, pending: pending.map(describePlanned) };
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
