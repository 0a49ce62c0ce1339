import { compareText } from './sorting';

/**
 * A record to write to: itself when it is one already, else a copy. It has no prototype, so that any name is safe in it.
 */
export function writable<T>(record: Readonly<Record<string, T>> = {}): Record<string, T> {
  if (Object.getPrototypeOf(record) === null) return record;
  return Object.assign(Object.create(null) as Record<string, T>, record);
}

/** A record with its names in order, and each of its values converted. */
export function sortedRecord<T, R>(record: Readonly<Record<string, T>>, convert: (value: T) => R): Record<string, R> {
  const entries = Object.entries(record).sort(([one], [other]) => compareText(one, other));
  return Object.fromEntries(entries.map(([name, value]) => [name, convert(value)]));
}

/** A record's own value: a collection may be called `constructor`. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
