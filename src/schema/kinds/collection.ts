import { sortNames } from '../sorting';
import { sameText, type Rules } from './rules';

export const collection: Rules<'collection'> = {
  within: 'collection',
  find: ({ options }) => options,
  entries: (name, { options }) => (options ? [{ place: { collection: name }, value: options }] : []),
  part: ({ options }, convert) => (options ? { options: convert(options) } : {}),
  set: (draft, { collection: name }, options) => {
    if (options === undefined) draft.remove(name);
    else if (draft.find(name)) draft.existing(name).options = options;
    else draft.add(name, { options, indexes: {}, documents: {} });
  },

  canonical: (options) => sortNames(options),
  equals: (one, other) => sameText(sortNames(one), sortNames(other)),

  wire: (place) => [place.collection, 'options'],
  fromWire: (at) => {
    const [name, part] = at;
    return at.length === 2 && name !== undefined && part === 'options' ? { collection: name } : undefined;
  },
  describe: (place) => `collection ${place.collection}`,
  inWords: () => undefined,

  uses: undefined,
  missing: () => undefined,
  refusal: (draft, place, options) => {
    const contents = options === undefined ? draft.contentsOf(place.collection) : [];
    return contents.length > 0 ? `the collection still has ${contents.join(' and ')}; remove them first` : undefined;
  },
};
