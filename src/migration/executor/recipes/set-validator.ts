import type { Document, Filter } from 'mongodb';
import type { Change, Validator } from '../../../schema';
import { fromPlain } from '../../../schema';
import { send, type Session } from '../session';
import { violatorsOf } from '../violators';

/**
 * Sets, changes or removes a validator. One that is to refuse every violation begins as `moderate`: new violators are
 * refused from then on, and those that are there can still be written. Only when none is left does it become `strict`.
 * @throws Error with the number of violators, some of them and why; the validator that was there before is back by then.
 */
export async function setValidator(session: Session, collection: string, { from, to }: Change): Promise<void> {
  const set = (validation: Document) => send(session, { collMod: collection, ...validation });
  const [before, after] = [validationOf(from as Validator | undefined), validationOf(to as Validator | undefined)];
  const refusesAll = to !== undefined && after.validationLevel === 'strict' && after.validationAction === 'error';
  if (!refusesAll || (await isEmpty(session, collection))) {
    await set(after);
    return;
  }
  await set({ ...after, validationLevel: 'moderate' });
  const violators = await violatorsOf(session.db, collection, after.validator).catch(async (error: unknown) => {
    await set(before);
    throw error;
  });
  if (violators.count > 0) {
    await set(before);
    throw violatorsError(collection, violators);
  }
  await set(after);
}

/** As `collMod` takes it; a validator that is empty checks nothing. */
function validationOf(value: Validator | undefined) {
  const {
    validator = {},
    validationLevel = 'strict',
    validationAction = 'error',
  } = value ?? ({} as Partial<Validator>);
  return { validator: fromPlain(validator), validationLevel, validationAction };
}

async function isEmpty({ db }: Session, collection: string): Promise<boolean> {
  const anything: Filter<Document> = {};
  return (
    (await db.collection(collection).findOne(anything, { projection: { _id: 1 }, readPreference: 'primary' })) === null
  );
}

function violatorsError(collection: string, { count, ids }: { count: number; ids: readonly unknown[] }): Error {
  const message =
    `${count} ${count === 1 ? 'document' : 'documents'} of ${collection} would be refused by the new validator, for instance ` +
    `_id ${ids.join(', ')}. The old validator is back. Mend them (a backfill in an earlier migration can), and run again.`;
  return Object.assign(new Error(message), {
    code: 'VIOLATORS',
    summary: `${count} documents of ${collection} violate the new validator`,
  });
}
