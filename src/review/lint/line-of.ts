import type { Kind, Location, Place } from '../../schema';
import { lineAt } from './imports';

/** Returns the name that identifies a place in the source of a migration; undefined when the source names only the collection. */
const nameInSource: { readonly [K in Kind]: (place: Place<K>) => string | undefined } = {
  collection: () => undefined,
  'collection.name': () => undefined,
  validator: () => undefined,
  index: ({ name }) => name,
  'index.expireAfterSeconds': ({ name }) => name,
  'index.hidden': ({ name }) => name,
  'index.unique': ({ name }) => name,
  // A reference document is a literal in the source. Its key does not occur as a quoted text.
  document: () => undefined,
  view: () => undefined,
};

/**
 * Returns the line on which a source names a place, or 1 if no line does. The name of an index is expected after the name of its
 * collection.
 */
export function lineOf<K extends Kind>(text: string, { kind, place }: Location<K>): number {
  const collections = occurrences(text, place.collection);
  const [first] = collections;
  if (first === undefined) return 1;
  const name = nameInSource[kind](place);
  if (name === undefined) return lineAt(text, first);
  const named = occurrences(text, name);
  // Indexes of several collections may have the same name. Use the occurrence that is closest after the name of the collection.
  const distances = named.map(
    (index) => index - (collections.findLast((collection) => collection < index) ?? -Infinity),
  );
  const nearest = named[distances.indexOf(Math.min(...distances))];
  return lineAt(text, nearest ?? first);
}

/** Returns the positions where a text quotes a name. */
function occurrences(text: string, name: string): number[] {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return [...text.matchAll(new RegExp(`(['"\`])${escaped}\\1`, 'g'))].map(({ index }) => index);
}
