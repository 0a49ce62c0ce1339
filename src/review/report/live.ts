import { isLoss, type PlannedMigration } from '../../deploy';
import type { Target } from '../../database';
import { describeChange } from '../../schema';
import type { PendingLoss } from '../../indexes';
import { describeLoss, isLostBy } from '../index-losses';
import type { PlanOptions } from '../plan';
import { plan } from '../plan-pending';
import type { LivePlan } from './data';

/**
 * Returns what a deploy would do on a server now. Writes nothing, and needs only the role `read`.
 * @throws error with code `HISTORY` when the history is broken, `CONFLICT` when something else is in the place of a change
 */
export async function lookAtServer(target: Target & Pick<PlanOptions, 'folder' | 'queries'>): Promise<LivePlan> {
  const { version, pending, indexLosses } = await plan(target);
  const describe = (migration: PlannedMigration) =>
    describePlanned(
      migration,
      indexLosses.filter((loss) => loss.migration === migration.name),
    );
  return { server: `mongod ${version}, database ${target.database}`, pending: pending.map(describe) };
}

/** Many people can read a comment on a pull request, so the description contains counts, but no value or _id of a document. */
function describePlanned(
  { name, isPlain, changes, dataSteps, dataFindings }: PlannedMigration,
  losses: readonly PendingLoss[],
) {
  return {
    name,
    changes: [
      ...changes.map(({ change, verdict, findings, isCheckedLater }) => ({
        what: describeChange(change),
        verdict,
        stops: findings.some(({ blocks }) => blocks),
        notes: [
          ...findings.map(noteOf),
          ...losses.filter((loss) => isLostBy(change, loss)).map(describeLoss),
          ...(isCheckedLater ? ['checked later: an earlier pending migration may write here'] : []),
        ],
      })),
      ...dataSteps.map(({ what, matches }, at) => ({
        what,
        verdict: isPlain ? 'not planned' : 'run',
        stops: at === 0 && dataFindings.some(({ blocks }) => blocks),
        // It is unknown to which data step the findings belong, so they are shown only once, at the first step.
        notes: [
          ...(matches === undefined ? [] : [`updates ${matches === 1 ? '1 document' : `${matches} documents`}`]),
          ...(at === 0 ? dataFindings.map(noteOf) : []),
        ],
      })),
    ],
  };
}

function noteOf(finding: PlannedMigration['dataFindings'][number]): string {
  if (!finding.blocks) return finding.message;
  return isLoss(finding)
    ? `stops the deploy unless --allow-data-loss names the migration: ${finding.message}`
    : `stops the deploy: ${finding.message}`;
}
