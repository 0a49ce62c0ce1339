import { exactFilter } from '../exact';
import { relaxed } from '../plain';
import type { Validator } from '../schema';
import { sortNames } from '../sorting';
import { timeSeriesOf } from '../time-series';
import { missingCollection, sameText, type Rules } from './rules';

/** Keywords of a validator whose values are sets, so that the order of the items has no meaning. */
const setKeywords = new Set(['required', 'enum', 'bsonType', 'type']);

const canonical = (value: Validator) => sortNames(relaxed(value), { setsIn: setKeywords });

const exact = ({ validator: expression, validationLevel, validationAction }: Validator) => [
  exactFilter(expression),
  validationLevel,
  validationAction,
];

export const validator: Rules<'validator'> = {
  within: 'collection',
  find: (contents) => contents.validator,
  entries: (name, contents) => (contents.validator ? [{ place: { collection: name }, value: contents.validator }] : []),
  part: (contents, convert) => (contents.validator ? { validator: convert(contents.validator) } : {}),
  set: (draft, place, value) => {
    const contents = draft.existing(place.collection);
    if (value === undefined) delete contents.validator;
    else contents.validator = value;
  },

  canonical,
  equals: (one, other) => sameText(exact(one), exact(other)),

  wire: (place) => [place.collection, 'validator'],
  fromWire: (at) => {
    const [name, part] = at;
    return at.length === 2 && name !== undefined && part === 'validator' ? { collection: name } : undefined;
  },
  describe: (place) => `validator of ${place.collection}`,
  inWords: (contents) => (contents.validator ? 'a validator' : undefined),

  uses: undefined,
  missing: (draft, place) => missingCollection(draft, place.collection),
  refusal: (draft, { collection }, value) =>
    value && timeSeriesOf(draft.find(collection)?.options)
      ? `${collection} is a time series, whose documents the server does not validate`
      : undefined,
};
