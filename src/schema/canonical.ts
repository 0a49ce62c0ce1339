import { createHash } from 'node:crypto';
import type { Change, Kind, Value } from './change';
import { convertContents, rules } from './kinds/table';
import { sortedRecord } from './record';
import type { Schema } from './schema';
import { toWire, type WireChange } from './wire';

/**
 * The one way to write a value for people, and for hashes: names sorted, sets sorted, the order inside an index key kept, numbers
 * without their types. Two values with the same text may still differ: that is for {@link equal} to say.
 */
export function canonical<K extends Kind>(kind: K, value: Value<K>): Value<K> {
  return rules[kind].canonical(value);
}

/** Whether two values of a kind mean the same to the server. */
export function equal<K extends Kind>(kind: K, one: Value<K> | undefined, other: Value<K> | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return rules[kind].equals(one, other);
}

/** The schema as canonical JSON text, ending in a line end. Equal schemas give equal texts; what differs is for `diff` to say. */
export function canonicalJson(schema: Schema): string {
  const text = JSON.stringify(
    sortedRecord(schema, (contents) => convertContents(contents, canonical)),
    null,
    2,
  );
  return `${text}\n`;
}

/** sha256 (hex) of changes in their order: their wire form, each value in its canonical form. */
export function hashChanges(changes: readonly Change[]): string {
  return createHash('sha256')
    .update(JSON.stringify(changes.map(hashForm)))
    .digest('hex');
}

/** frozen.json keeps hashes of this text, so neither it nor any canonical form may ever change. */
function hashForm<K extends Kind>({ kind, place, from, to }: Change<K>): WireChange {
  return toWire({
    kind,
    place,
    ...(from !== undefined && { from: canonical(kind, from) }),
    ...(to !== undefined && { to: canonical(kind, to) }),
  });
}
