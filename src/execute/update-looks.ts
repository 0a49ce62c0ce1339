import type { Db } from 'mongodb';
import { maxTimeExpired } from '../database/server-errors';
import { isPipeline, leftToDo, unrepeatableOperators } from '../migration/repeatable';
import type { StepUpdate } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import { lookTwice, tryTwice, type Convergence } from './convergence';
import { refusedError } from './refused-document';
import { count } from '../support/counts';
import type { Look, Measured } from './kinds/execution';

/** The default time limit for a check, in milliseconds. */
export const lookLimit = 30_000;

/** How an update may be tried. */
export interface Trial {
  readonly isReplicaSet: boolean;
  /** Whether the trial may write in a transaction that it then aborts; otherwise it only reads. */
  readonly mayWrite: boolean;
}

/** Finds out whether an update can run again on the same document. Uses a transaction if possible; otherwise, only reads. */
async function findConvergence(
  db: Db,
  update: StepUpdate,
  { isReplicaSet, mayWrite }: Trial,
  maxTimeMS: number,
): Promise<Convergence> {
  const tried = isReplicaSet && mayWrite ? await tryTwice(db, update, maxTimeMS) : undefined;
  if (tried && (!isPipeline(update.update) || (tried.verdict !== 'not determined' && tried.verdict !== 'converges')))
    return tried;
  // The transaction locked the documents that it tried, so it tried only a few. A pipeline can be computed for more documents without a lock.
  const seen = await lookTwice(db, update, maxTimeMS);
  return tried && seen.verdict === 'not determined' ? tried : seen;
}

/** How to change an update so that it can be repeated. */
export const howToRepeat =
  'write a filter that leaves out updated documents, compute the new value from other fields, or set `once: true` (on replica sets)';

/** Checks, before the first write, whether an update can run. */
export function lookAtUpdate(update: StepUpdate, trial: Trial): Look {
  return {
    kind: update.once ? 'no transactions' : 'unrepeatable update',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      if (update.once) {
        if (trial.isReplicaSet) return undefined;
        return { blocks: true, message: '`once` needs transactions, which a standalone server does not have' };
      }
      return describe(update, await findConvergence(db, update, trial, maxTimeMS), trial);
    },
  };
}

function describe(update: StepUpdate, found: Convergence, { isReplicaSet }: Trial): Measured | undefined {
  switch (found.verdict) {
    case 'converges':
      return undefined;
    case 'diverges':
      return {
        count: found.ids.length,
        samples: found.ids,
        message: `a second run of the update would change ${count(found.ids.length, 'document')} again, of those that were tested; ${howToRepeat}`,
      };
    case 'refused': {
      const { why = [] } = refusedError(update.collection, found) as { why?: readonly string[] };
      return {
        blocks: true,
        samples: [found.id],
        message: `the server would refuse a document after this update: ${why.join('; ')}`,
      };
    }
    case 'not determined':
      if (isPipeline(update.update) || isReplicaSet) {
        return { message: `not determined whether the update can be repeated: ${found.reason}` };
      }
      return { blocks: true, message: `${undeterminedOperators(update)}; ${howToRepeat}` };
  }
}

/**
 * Tries an update right before it runs.
 * @throws error with code `NOT_REPEATABLE` when the update is not idempotent: a second run would change the same documents again.
 */
export async function refuseUnrepeatableUpdate(
  db: Db,
  update: StepUpdate,
  trial: Trial,
  maxTimeMS: number,
): Promise<void> {
  const { collection } = update;
  const about = { kind: 'collection', collection };
  const found = await findConvergence(db, update, trial, maxTimeMS);
  if (found.verdict === 'refused') throw refusedError(collection, found);
  if (found.verdict === 'diverges') {
    throw new SchemaError(
      'NOT_REPEATABLE',
      `An update of ${collection} is not idempotent: a second run would change the same documents again`,
      {
        why: `for instance ${found.ids.slice(0, shownIds).join(', ')}`,
        fix: howToRepeat,
        about,
      },
    );
  }
  // A pipeline usually computes the same value again. Unrepeatable operators do not: only the filter can prevent a second change of a
  // document.
  if (found.verdict === 'not determined' && !isPipeline(update.update)) {
    throw new SchemaError('NOT_REPEATABLE', `It is unknown whether an update of ${collection} can be repeated`, {
      why: [undeterminedOperators(update), found.reason],
      fix: howToRepeat,
      about,
    });
  }
}

const shownIds = 5;

function undeterminedOperators({ update }: StepUpdate): string {
  return `${unrepeatableOperators(update).join(', ')} can only be tested in a transaction`;
}

/** Counts the documents that are not updated yet. Undefined when the count takes longer than `maxTimeMS`. */
export async function countLeft(db: Db, update: StepUpdate, maxTimeMS = lookLimit): Promise<number | undefined> {
  const filter = update.once ? update.filter : leftToDo(update);
  return db
    .collection(update.collection)
    .countDocuments(filter, { maxTimeMS, readPreference: 'primary' })
    .catch((error: unknown) => {
      if ((error as { code?: unknown }).code === maxTimeExpired) return undefined;
      throw error;
    });
}
