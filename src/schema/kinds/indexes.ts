import { nearest } from '../../support/nearest';
import { attributeProblems } from '../accepted/index-keys';
import type { IndexAttribute, Place } from '../change';
import type { Draft } from '../draft';
import { checkIndexIn } from '../index-rules';
import { own, sortedRecord, writable } from '../record';
import { exactFilter } from '../exact';
import { relaxed } from '../plain';
import type { Index } from '../schema';
import { sortNames } from '../sorting';
import { timeSeriesIndexProblem, timeSeriesOf } from '../time-series';
import { missingCollection, sameText, type Rules } from './rules';

const canonical = (value: Index) => sortNames(relaxed(value), { keepOrderOf: 'key' });

const exact = ({ partialFilterExpression, ...others }: Index) => [
  sortNames(others, { keepOrderOf: 'key' }),
  partialFilterExpression && exactFilter(partialFilterExpression),
];

export const index: Rules<'index'> = {
  within: 'collection',
  find: ({ indexes }, place) => own(indexes, place.name),
  entries: (collection, { indexes = {} }) =>
    Object.entries(indexes).map(([name, value]) => ({ place: { collection, name }, value })),
  part: ({ indexes }, convert) => (indexes ? { indexes: sortedRecord(indexes, convert) } : {}),
  set: (draft, { collection, name }, value) => {
    const contents = draft.existing(collection);
    const indexes = writable(contents.indexes);
    if (value === undefined) Reflect.deleteProperty(indexes, name);
    else indexes[name] = value;
    contents.indexes = indexes;
  },

  canonical,
  equals: (one, other) => sameText(exact(one), exact(other)),

  wire: (place) => [place.collection, 'indexes', place.name],
  fromWire: (at) => (at.length === 3 ? placeOf(at) : undefined),
  describe: (place) => `index ${place.collection}.${place.name}`,
  inWords: ({ indexes = {} }) => {
    const names = Object.keys(indexes);
    return names.length > 0 ? `the indexes ${names.join(', ')}` : undefined;
  },

  uses: undefined,
  missing: (draft, place) => missingCollection(draft, place.collection),
  refusal: (draft, place, value) =>
    value &&
    (attributeRefusal(draft, place, value) ?? checkIndexIn(draft.indexesOf(place.collection), place.name, value)),
};

/** Returns why an index cannot have one of its attributes, because of its key or its collection; undefined if it can. */
function attributeRefusal(draft: Draft, { collection, name }: Place<'index'>, value: Index): string | undefined {
  const [problem] = attributeProblems(value.key, value);
  if (problem !== undefined) return `the index ${name} ${problem}`;
  const ofSeries = timeSeriesIndexProblem(draft.find(collection)?.options ?? {}, value);
  if (ofSeries !== undefined) return `the index ${name} ${ofSeries}`;
  const isCapped = draft.find(collection)?.options?.['capped'] === true;
  return isCapped && value.expireAfterSeconds !== undefined
    ? 'the collection is capped, and the server allows no TTL on it'
    : undefined;
}

function placeOf([collection, part, name]: readonly string[]) {
  return collection !== undefined && part === 'indexes' && name !== undefined ? { collection, name } : undefined;
}

/** The attributes in words. */
const attributeWords: { readonly [A in IndexAttribute]: string } = {
  expireAfterSeconds: 'TTL',
  hidden: 'visibility',
  unique: 'uniqueness',
};

/** The rules of an attribute that the server can change in an existing index. The attribute is stored within the index. */
export function attribute<A extends IndexAttribute>(name: A): Rules<`index.${A}`> {
  return {
    within: 'collection',
    find: (contents, place) => index.find(contents, place)?.[name],
    entries: (collection, contents) =>
      index
        .entries(collection, contents)
        .flatMap(({ place, value: { [name]: value } }) => (value === undefined ? [] : [{ place, value }])),
    part: () => ({}),
    set: (draft, place, value) => {
      const before = draft.get<'index'>({ kind: 'index', place });
      if (before) index.set(draft, place, withAttribute(before, name, value));
    },

    canonical: (value) => value,
    equals: (one, other) => one === other,

    wire: (place) => [...index.wire(place), name],
    fromWire: (at) => (at.length === 4 && at[3] === name ? placeOf(at) : undefined),
    describe: (place) => `${attributeWords[name]} of ${index.describe(place)}`,
    inWords: () => undefined,

    uses: undefined,
    missing: (draft, place) =>
      index.missing(draft, place) ??
      (draft.get<'index'>({ kind: 'index', place })
        ? undefined
        : {
            what: `the ${index.describe(place)}`,
            verb: 'createIndexes',
            near: nearest(place.name, draft.indexesOf(place.collection).keys()),
          }),
    refusal: (draft, place, value) => {
      const before = draft.get<'index'>({ kind: 'index', place });
      if (name === 'expireAfterSeconds' && timeSeriesOf(draft.find(place.collection)?.options))
        return 'the server cannot change the TTL of an index of a time series; drop the index, and create another one in the next migration';
      return before && index.refusal(draft, place, withAttribute(before, name, value));
    },
  };
}

/** Returns an index with a changed attribute. The value undefined removes the attribute. */
export function withAttribute({ key, ...before }: Index, name: IndexAttribute, value: unknown): Index {
  const others = Object.entries(before).filter(([option]) => option !== name);
  return { key, ...Object.fromEntries(others), ...(value !== undefined && { [name]: value }) };
}
