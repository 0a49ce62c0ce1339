import type { Change, Kind, Location } from './change';
import { rules } from './kinds/table';
import { wirePlace } from './wire';

/** Whether a place equals another or lies in it: an attribute lies in its index. */
export function isWithin(inner: Location, outer: Location): boolean {
  const place = wirePlace(inner);
  return wirePlace(outer).every((part, depth) => place[depth] === part);
}

/** What a place belongs to, as text: the same for an index and for each of its attributes. */
export function ownerOf(location: Location): string {
  return JSON.stringify(wirePlace(location).slice(0, 3));
}

/** A place in words: `index users.email_1`, `validator of users`, `document 64… of presets`. */
export function describePlace<K extends Kind>({ kind, place }: Location<K>): string {
  return rules[kind].describe(place);
}

/** A change in words that the history may keep: `create documents of presets`, whose keys are values. */
export function summarizeChange(change: Change): string {
  if (change.kind !== 'document') return describeChange(change);
  return `${verbOf(change)} documents of ${change.place.collection}`;
}

/** A change in a line of words: `create index users.email_1`. */
export function describeChange(change: Change): string {
  const { from, to } = change;
  if (change.kind === 'collection.name') return `rename collection ${change.from ?? ''} to ${change.to ?? ''}`;
  const isScalar = typeof from === 'number' && typeof to === 'number';
  return `${verbOf(change)} ${describePlace(change)}${isScalar ? ` from ${from} to ${to}` : ''}`;
}

function verbOf({ from, to }: Pick<Change, 'from' | 'to'>): string {
  return from === undefined ? 'create' : to === undefined ? 'drop' : 'change';
}
