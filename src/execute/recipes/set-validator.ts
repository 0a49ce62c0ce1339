import type { Document, Filter } from 'mongodb';
import { fromPlain, type Change, type Validator } from '../../schema';
import { send, type Session } from '../session';
import { describeFailure, violatorsOf, type Violators } from '../violators';
import { documents } from '../../support/counts';
import { SchemaError } from '../../support/schema-error';

/**
 * Sets, changes or removes a validator. A strict validator is set to `moderate` first: new violations are refused, and existing invalid
 * documents can still be written. If there are no invalid documents, the validator then becomes `strict`.
 * @throws error with code `VIOLATORS` that gives the number of invalid documents, with examples. When this error is thrown, the old
 * validator is in place again.
 */
export async function setValidator(
  session: Session,
  collection: string,
  { from, to }: Change<'validator'>,
): Promise<void> {
  const set = (validation: Document) => send(session, { collMod: collection, ...validation });
  const [before, after] = [validationOf(from), validationOf(to)];
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

/** Returns the arguments of `collMod`. An empty validator checks nothing. */
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

function violatorsError(collection: string, { count, ids, failure }: Violators): SchemaError {
  if (failure) {
    return new SchemaError('VIOLATORS', `The new validator cannot be applied to a document of ${collection}`, {
      why: [`_id ${ids.join(', ')}: it ${describeFailure(failure)}`, 'the old validator is in place'],
      fix: 'correct the document (for example with a backfill in an earlier migration), or make the expression accept such values, for instance with $cond or $convert and its onError; then run again',
      about: { kind: 'validator', collection, counts: { documents: count } },
      cause: failure,
    });
  }
  return new SchemaError('VIOLATORS', `The new validator would refuse ${documents(count)} of ${collection}`, {
    why: `for example _id ${ids.join(', ')}; the old validator is in place`,
    fix: 'correct these documents (for example with a backfill in an earlier migration), and run again',
    about: { kind: 'validator', collection, counts: { documents: count } },
  });
}
