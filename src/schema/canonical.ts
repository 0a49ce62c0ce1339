import { createHash } from 'node:crypto';
import type { Change, Place, PlaceValue } from './change';
import type { Schema } from './schema';

/** In a validator these keywords hold sets, so the order in them means nothing. */
const setKeywords = new Set(['required', 'enum', 'bsonType', 'type']);

/** Whether two values at a place mean the same to the server. */
export function equalAt(at: Place, one: PlaceValue | undefined, other: PlaceValue | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return JSON.stringify(canonicalAt(at, one)) === JSON.stringify(canonicalAt(at, other));
}

/** The one way to write a value at its place: names sorted, sets sorted, the order inside an index key kept. */
export function canonicalAt(at: Place, value: PlaceValue): unknown {
  switch (at[1]) {
    case 'indexes':
      return sortNames(value, { keepOrderOf: 'key' });
    case 'validator':
      return sortNames(value, { setsIn: setKeywords });
    case 'options':
    case 'documents':
      return sortNames(value);
  }
}

interface Sorting {
  /** A name at the top whose value keeps the order of its own names. */
  readonly keepOrderOf?: string;
  /** Names, at any depth, whose arrays are sets. */
  readonly setsIn?: ReadonlySet<string>;
}

/** A value with the names in it in order, at every depth, and without the undefined ones. */
export function sortNames(value: unknown, { keepOrderOf, setsIn }: Sorting = {}): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => sortNames(item, setsIn && { setsIn }));
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => compareText(one, other))
    .map(([name, item]: [string, unknown]) => {
      if (name === keepOrderOf) return [name, item];
      const inner = sortNames(item, setsIn && { setsIn });
      return [name, setsIn?.has(name) && Array.isArray(inner) ? sortSet(inner) : inner];
    });
  return Object.fromEntries(sorted) as unknown;
}

function sortSet(items: readonly unknown[]): unknown[] {
  return items.toSorted((one, other) => compareText(JSON.stringify(one), JSON.stringify(other)));
}

/** By code unit, so that the order is the same in every locale. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The schema as canonical JSON text, ending in a line end. Equal schemas give equal texts. */
export function canonicalJson(schema: Schema): string {
  const collections = Object.entries(schema)
    .sort(([one], [other]) => compareText(one, other))
    .map(([name, { options, validator, indexes, documents }]) => [
      name,
      {
        options: canonicalAt([name, 'options'], options),
        ...(validator && { validator: canonicalAt([name, 'validator'], validator) }),
        indexes: canonicalRecord(indexes, (key, index) => canonicalAt([name, 'indexes', key], index)),
        documents: canonicalRecord(documents, (key, document) => canonicalAt([name, 'documents', key], document)),
      },
    ]);
  return JSON.stringify(Object.fromEntries(collections), null, 2) + '\n';
}

function canonicalRecord<T>(record: Readonly<Record<string, T>>, canonical: (key: string, value: T) => unknown) {
  const entries = Object.entries(record).sort(([one], [other]) => compareText(one, other));
  return Object.fromEntries(entries.map(([key, value]) => [key, canonical(key, value)]));
}

/** sha256 (hex) of changes in their order, each value in its canonical form. */
export function hashChanges(changes: readonly Change[]): string {
  const canonical = changes.map(({ at, from, to }) => ({
    at,
    ...(from !== undefined && { from: canonicalAt(at, from) }),
    ...(to !== undefined && { to: canonicalAt(at, to) }),
  }));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex');
}
