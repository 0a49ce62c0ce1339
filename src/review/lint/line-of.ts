import type { Kind, Location, Place } from '../../schema';
import { lineAt } from './imports';

/** Returns the name that identifies a place in a source file; undefined when only the collection's name occurs there. */
const nameInSource: { readonly [K in Kind]: (place: Place<K>) => string | undefined } = {
  collection: () => undefined,
  'collection.name': () => undefined,
  validator: () => undefined,
  index: ({ name }) => name,
  'index.expireAfterSeconds': ({ name }) => name,
  'index.hidden': ({ name }) => name,
  'index.unique': ({ name }) => name,
  // A row is a literal in the source. Its key is not quoted anywhere.
  document: () => undefined,
  view: () => undefined,
};

/** Returns the line (from 1) on which a source names a place. An index is named after its collection. Returns 1 when no line names it. */
export function lineOf<K extends Kind>(text: string, { kind, place }: Location<K>): number {
  const collections = occurrences(text, place.collection);
  const [first] = collections;
  if (first === undefined) return 1;
  const name = nameInSource[kind](place);
  if (name === undefined) return lineAt(text, first);
  const named = occurrences(text, name);
  // Indexes of several collections may share a name. Use the one that follows its collection most closely.
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
