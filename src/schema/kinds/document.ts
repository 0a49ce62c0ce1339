import { own, sortedRecord, writable } from '../record';
import { exactRow } from '../exact';
import { relaxed } from '../plain';
import { sortNames } from '../sorting';
import { timeSeriesOf } from '../time-series';
import { missingCollection, sameText, type Rules } from './rules';

export const document: Rules<'document'> = {
  within: 'collection',
  find: ({ documents }, place) => own(documents, place.key),
  entries: (name, { documents = {} }) =>
    Object.entries(documents).map(([key, value]) => ({ place: { collection: name, key }, value })),
  part: ({ documents }, convert) => (documents ? { documents: sortedRecord(documents, convert) } : {}),
  set: (draft, { collection: name, key }, value) => {
    const contents = draft.existing(name);
    const documents = writable(contents.documents);
    if (value === undefined) Reflect.deleteProperty(documents, key);
    else documents[key] = value;
    contents.documents = documents;
  },

  canonical: (value) => sortNames(relaxed(value)),
  equals: (one, other) => sameText(exactRow(one), exactRow(other)),

  wire: (place) => [place.collection, 'documents', place.key],
  fromWire: (at) => {
    const [name, part, key] = at;
    return at.length === 3 && name !== undefined && part === 'documents' && key !== undefined
      ? { collection: name, key }
      : undefined;
  },
  describe: (place) => `document ${place.key} of ${place.collection}`,
  inWords: ({ documents = {} }) => {
    const keys = Object.keys(documents);
    return keys.length > 0 ? `the reference documents ${keys.join(', ')}` : undefined;
  },

  uses: undefined,
  missing: (draft, place) => missingCollection(draft, place.collection),
  refusal: (draft, { collection }, value) =>
    value && timeSeriesOf(draft.find(collection)?.options)
      ? `${collection} is a time series, where an _id does not identify a document; insert rows into another collection`
      : undefined,
};
