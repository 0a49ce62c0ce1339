import { describeChange, type Change } from '../../schema';
import type { LivePlan } from './data';

/** A pending migration, judged against a server, as far as the report tells of it. */
export interface JudgedMigration {
  readonly name: string;
  readonly changes: readonly {
    readonly change: Change;
    readonly verdict: string;
    readonly findings: readonly { readonly message: string; readonly blocks: boolean }[];
    readonly isCheckedLater: boolean;
  }[];
  readonly dataSteps: readonly string[];
}

/** What is pending on a server. A comment is read by many, so counts are told, and no value or _id of a document. */
export function describeLivePlan(server: string, pending: readonly JudgedMigration[]): LivePlan {
  return {
    server,
    pending: pending.map(({ name, changes, dataSteps }) => ({
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
    })),
  };
}
