import { createHash } from 'node:crypto';
import type { Change, Kind, Value } from './change';
import { convertContents, rules } from './kinds/table';
import { sortedRecord } from './record';
import type { Schema } from './schema';
import { toWire, type WireChange } from './wire';

/**
 * Returns the canonical form of a value, which is shown and hashed. In this form, names and sets are sorted, the order inside an index key
 * is kept, and numbers have no type. Two values with the same canonical form may still differ; {@link equal} decides whether they do.
 */
export function canonical<K extends Kind>(kind: K, value: Value<K>): Value<K> {
  return rules[kind].canonical(value);
}

/** Returns whether two values of a kind mean the same to the server. */
export function equal<K extends Kind>(kind: K, one: Value<K> | undefined, other: Value<K> | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return rules[kind].equals(one, other);
}

/** Returns the schema as canonical JSON text with a final line end. Equal schemas give equal texts. Use `diff` to find differences. */
export function canonicalJson(schema: Schema): string {
  const text = JSON.stringify(
    sortedRecord(schema, (contents) => convertContents(contents, canonical)),
    null,
    2,
  );
  return `${text}\n`;
}

/** Returns the sha256 (hex) of changes in their order, written as {@link WireChange} with canonical values. */
export function hashChanges(changes: readonly Change[]): string {
  return createHash('sha256')
    .update(JSON.stringify(changes.map(hashForm)))
    .digest('hex');
}

/** Returns the form that is hashed in frozen.json. Neither this form nor any canonical form may ever change, or the hashes would differ. */
function hashForm<K extends Kind>({ kind, place, from, to }: Change<K>): WireChange {
  return toWire({
    kind,
    place,
    ...(from !== undefined && { from: canonical(kind, from) }),
    ...(to !== undefined && { to: canonical(kind, to) }),
  });
}
