import type { Place } from '../change';
import type { Draft } from '../draft';
import { timeSeriesOf } from '../time-series';
import { missingCollection, type Rules } from './rules';

/** The rules for the name of a renamed collection, which has either its old or its new name. The schema shows which of them exists. */
export const collectionName: Rules<'collection.name'> = {
  within: 'collection',
  find: () => undefined,
  findIn: (draft, { collection: old, becomes }) => {
    const [isOld, isNew] = [old, becomes].map((name) => draft.kindOf(name) === 'collection');
    if (isOld && isNew) return `${old} and ${becomes}`;
    return isOld ? old : isNew ? becomes : undefined;
  },
  entries: () => [],
  part: () => ({}),
  set: (draft, place, name) => {
    if (name !== undefined) draft.rename(otherName(place, name), name);
  },

  canonical: (name) => name,
  equals: (one, other) => one === other,

  wire: ({ collection, becomes }) => [collection, 'name', becomes],
  fromWire: (at) => {
    const [collection, part, becomes] = at;
    return at.length === 3 && collection !== undefined && part === 'name' && becomes !== undefined
      ? { collection, becomes }
      : undefined;
  },
  describe: ({ collection }) => `collection ${collection}`,
  inWords: () => undefined,

  uses: undefined,
  missing: (draft, place, from = place.collection) => missingCollection(draft, from),
  refusal: (draft, place, to) => (to === undefined ? undefined : renameProblem(draft, otherName(place, to), to)),
};

/** Returns the name that a collection has before it is renamed to `name`. */
export function otherName({ collection, becomes }: Place<'collection.name'>, name: string): string {
  return name === becomes ? collection : becomes;
}

function renameProblem(draft: Draft, from: string, to: string): string | undefined {
  if (timeSeriesOf(draft.find(from)?.options)) {
    return `${from} is a time series, which the server cannot rename; create another time series, and copy the documents in a step of run`;
  }
  const taken = draft.kindOf(to);
  return taken && `a ${taken} named ${to} exists; choose another name, or drop it first`;
}
