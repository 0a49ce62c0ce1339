import type { Db } from 'mongodb';
import { maxTimeExpired } from '../database/server-errors';
import { isPipeline, leftToDo, unrepeatableOperators } from '../migration/repeatable';
import type { StepUpdate } from '../migration/types';
import { SchemaError } from '../support/schema-error';
import { lookTwice, tryTwice, type Convergence } from './convergence';
import { refusedError } from './refused-document';
import { count } from '../support/counts';
import type { Look, Measured } from './kinds/execution';

/** How long a look may take unless told otherwise, in milliseconds. */
export const lookLimit = 30_000;

/** How an update may be tried. */
export interface Trial {
  readonly isReplicaSet: boolean;
  /** Whether the trial may write in a transaction that it then aborts; otherwise it only reads. */
  readonly mayWrite: boolean;
}

/** Whether an update may run on a document again: found in a transaction where that may be had, else by reading. */
async function findConvergence(
  db: Db,
  update: StepUpdate,
  { isReplicaSet, mayWrite }: Trial,
  maxTimeMS: number,
): Promise<Convergence> {
  const tried = isReplicaSet && mayWrite ? await tryTwice(db, update, maxTimeMS) : undefined;
  if (tried && (!isPipeline(update.update) || (tried.verdict !== 'not determined' && tried.verdict !== 'converges')))
    return tried;
  // What a pipeline makes of many more documents takes no lock to see.
  const seen = await lookTwice(db, update, maxTimeMS);
  return tried && seen.verdict === 'not determined' ? tried : seen;
}

/** How an update becomes one that can be carried out. */
export const howToRepeat =
  'write a filter that leaves out what the update has changed, compute the new value from other fields, or set `once: true` (on replica sets)';

/** Whether an update can be carried out, as a look before the first write. */
export function lookAtUpdate(update: StepUpdate, trial: Trial): Look {
  return {
    kind: update.once ? 'no transactions' : 'unrepeatable update',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      if (update.once) {
        if (trial.isReplicaSet) return undefined;
        return { blocks: true, message: '`once` takes transactions, which a standalone server does not have' };
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
        message: `the update changes ${count(found.ids.length, 'document')} again when it runs again, of those that were tried; ${howToRepeat}`,
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
        return { message: `whether the update may run again is not determined: ${found.reason}` };
      }
      return { blocks: true, message: `${undeterminedOperators(update)}; ${howToRepeat}` };
  }
}

/**
 * Tries an update right before it runs.
 * @throws error with code `NOT_REPEATABLE` for one that changes documents again when it runs again.
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
    throw new SchemaError('NOT_REPEATABLE', `An update of ${collection} changes documents again when it runs again`, {
      why: `for instance ${found.ids.slice(0, shownIds).join(', ')}`,
      fix: howToRepeat,
      about,
    });
  }
  // A pipeline mostly computes the same again. The other operators never do: only their filter can keep them from it.
  if (found.verdict === 'not determined' && !isPipeline(update.update)) {
    throw new SchemaError('NOT_REPEATABLE', `Nothing tells whether an update of ${collection} may run again`, {
      why: [undeterminedOperators(update), found.reason],
      fix: howToRepeat,
      about,
    });
  }
}

const shownIds = 5;

function undeterminedOperators({ update }: StepUpdate): string {
  return `only a transaction can try what ${unrepeatableOperators(update).join(', ')} does`;
}

/**
 * Counts the documents that have an update still before them. Undefined when that takes longer than `maxTimeMS`.
 */
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
