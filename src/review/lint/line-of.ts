import type { Place } from '../../schema';
import { lineAt } from './imports';

/** The line (from 1) on which a source names a place: an index after its collection. 1 when it does not name it. */
export function lineOf(text: string, at: Place | undefined): number {
  if (!at) return 1;
  const collections = occurrences(text, at[0]);
  const [first] = collections;
  if (first === undefined) return 1;
  if (at[1] !== 'indexes') return lineAt(text, first);
  const named = occurrences(text, at[2]);
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
