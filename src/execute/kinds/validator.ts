import { equal, fromPlain, rules, type Validator } from '../../schema';
import { setValidator } from '../recipes/set-validator';
import { describeFailure, violatorsOf } from '../violators';
import { documents } from '../../support/counts';
import { describeMissing, eachPending, type Execution, type Look } from './execution';

export const validator: Execution<'validator'> = {
  action: () => 'setValidator',
  reads: () => ({}),
  /** A validator that becomes strict is set to `moderate` first. An interrupted run leaves the validator moderate. */
  isHalfDone: ({ place, from, to }, draft) => {
    if (to === undefined || equal('validator', from, to) || to.validationLevel !== undefined) return false;
    const found = draft.get({ kind: 'validator', place });
    return equal('validator', found, { ...to, validationLevel: 'moderate' });
  },
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: false,
  obstacle: ({ place }, draft) => describeMissing(rules.validator.missing(draft, place)),
  remedy: () =>
    'restore what the migration expects; or, if the migration is not released yet, change the present validator with changeValidator',
  looks: ({ place, to }) => (to && refusesDocuments(to) ? [violators(place.collection, to)] : []),
};

function refusesDocuments({ validationLevel, validationAction }: Validator): boolean {
  return validationLevel === undefined && validationAction === undefined;
}

function violators(collection: string, { validator: expression }: Validator): Look {
  return {
    kind: 'violators',
    blocks: true,
    measure: async (db, maxTimeMS) => {
      const { count, ids, failure } = await violatorsOf(db, collection, fromPlain(expression), { maxTimeMS });
      if (failure) return { count, samples: ids, message: `the validator ${describeFailure(failure)}` };
      return count === 0
        ? undefined
        : { count, samples: ids, message: `${documents(count)} would be refused by the validator` };
    },
  };
}

export const setValidators = eachPending(setValidator);
