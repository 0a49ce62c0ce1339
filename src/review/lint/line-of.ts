import type { Kind, Location, Place } from '../../schema';
import { lineAt } from './imports';

/** The name by which a source calls what is in a collection; undefined where it names the collection alone. */
const nameInSource: { readonly [K in Kind]: (place: Place<K>) => string | undefined } = {
  collection: () => undefined,
  'collection.name': () => undefined,
  validator: () => undefined,
  index: ({ name }) => name,
  'index.expireAfterSeconds': ({ name }) => name,
  'index.hidden': ({ name }) => name,
  'index.unique': ({ name }) => name,
  // A document is a literal in the source; its key is quoted nowhere.
  document: () => undefined,
  view: () => undefined,
};

/** The line (from 1) on which a source names a place: an index after its collection. 1 when it does not name it. */
export function lineOf<K extends Kind>(text: string, { kind, place }: Location<K>): number {
  const collections = occurrences(text, place.collection);
  const [first] = collections;
  if (first === undefined) return 1;
  const name = nameInSource[kind](place);
  if (name === undefined) return lineAt(text, first);
  const named = occurrences(text, name);
  // Indexes of several collections may share a name: the one that comes next after its collection is meant.
  const distances = named.map(
    (index) => index - (collections.findLast((collection) => collection < index) ?? -Infinity),
  );
  const nearest = named[distances.indexOf(Math.min(...distances))];
  return lineAt(text, nearest ?? first);
}

/** Where a text quotes a name. */
function occurrences(text: string, name: string): number[] {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return [...text.matchAll(new RegExp(`(['"\`])${escaped}\\1`, 'g'))].map(({ index }) => index);
}
