import type { Change, Kind, Location } from './change';
import { kinds, rules } from './kinds/table';
import { SchemaError } from '../support/schema-error';

/** A change as it is hashed in frozen.json and printed by `--json`. The order of the properties matters. */
export interface WireChange {
  /** The place, written by {@link wirePlace}. */
  readonly at: readonly string[];
  readonly from?: unknown;
  readonly to?: unknown;
}

export function toWire<K extends Kind>({ kind, place, from, to }: Change<K>): WireChange {
  return { at: wirePlace({ kind, place }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/**
 * Returns the change that a {@link WireChange} represents. Does not check its values.
 * @throws error when the place belongs to no kind.
 */
export function fromWire({ at, from, to }: WireChange): Change {
  const sides = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return { ...locationOf(at), ...sides } as Change;
}

/** Returns the place as a list, as in the events of a run: `['users', 'options']`, `['users', 'indexes', 'email_1', 'hidden']`. */
export function wirePlace<K extends Kind>({ kind, place }: Location<K>): readonly string[] {
  return rules[kind].wire(place);
}

function locationOf(at: readonly string[]): Location {
  for (const kind of kinds) {
    const found = locationOfKind(kind, at);
    if (found) return found;
  }
  throw new SchemaError('FOLD', `Nothing in a schema has the place ${at.join('.')}`);
}

function locationOfKind<K extends Kind>(kind: K, at: readonly string[]): Location<K> | undefined {
  const place = rules[kind].fromWire(at);
  return place && { kind, place };
}
