import type { Change, Kind, Location } from './change';
import { rules } from './kinds/table';
import { wirePlace } from './wire';
import { humanSeconds } from '../support/counts';

/** Returns whether a place equals another place or is inside that place: an attribute is inside its index. */
export function isWithin(inner: Location, outer: Location): boolean {
  const place = wirePlace(inner);
  return wirePlace(outer).every((part, depth) => place[depth] === part);
}

/** Returns the owner of a place as text. For an attribute of an index, the owner is the index. */
export function ownerOf(location: Location): string {
  return JSON.stringify(wirePlace(location).slice(0, 3));
}

/** Describes a place: `index users.email_1`, `validator of users`, `document 64… of presets`. */
export function describePlace<K extends Kind>({ kind, place }: Location<K>): string {
  return rules[kind].describe(place);
}

/** Describes a change for the history: `create documents of presets`, without the keys, which are values. */
export function summarizeChange(change: Change): string {
  if (change.kind !== 'document') return describeChange(change);
  return `${verbOf(change)} documents of ${change.place.collection}`;
}

/** Describes a change in one line: `create index users.email_1`, `hide index users.email_1`. */
export function describeChange(change: Change): string {
  if (change.kind === 'collection.name') return `rename collection ${change.from ?? ''} to ${change.to ?? ''}`;
  if (change.kind === 'index.hidden') return `${change.to ? 'hide' : 'show'} ${indexOf(change)}`;
  if (change.kind === 'index.unique') return `make ${indexOf(change)} ${change.to ? 'unique' : 'not unique'}`;
  if (change.kind === 'index.expireAfterSeconds') {
    const verb = change.to === undefined ? 'remove' : change.from === undefined ? 'set' : 'change';
    return `${verb} the ${describePlace(change)}${ttlWords(change)}`;
  }
  return `${verbOf(change)} ${describePlace(change)}`;
}

function indexOf({ place }: Change<IndexAttributeKind>): string {
  return describePlace({ kind: 'index', place });
}

type IndexAttributeKind = 'index.expireAfterSeconds' | 'index.hidden' | 'index.unique';

function ttlWords({ from, to }: Change<'index.expireAfterSeconds'>): string {
  const times = [from, to].flatMap((seconds) => (seconds === undefined ? [] : [humanSeconds(seconds)]));
  return times.length === 0 ? '' : `: ${times.join(' → ')}`;
}

function verbOf({ from, to }: Pick<Change, 'from' | 'to'>): string {
  return from === undefined ? 'create' : to === undefined ? 'drop' : 'change';
}
