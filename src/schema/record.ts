import { compareText } from './sorting';

/** Returns a writable record: the given one, or a copy if it is not writable. A writable record has no prototype, so any name is safe. */
export function writable<T>(record: Readonly<Record<string, T>> = {}): Record<string, T> {
  if (Object.getPrototypeOf(record) === null) return record;
  return Object.assign(Object.create(null) as Record<string, T>, record);
}

/** Returns a record with sorted names and converted values. */
export function sortedRecord<T, R>(record: Readonly<Record<string, T>>, convert: (value: T) => R): Record<string, R> {
  const entries = Object.entries(record).sort(([one], [other]) => compareText(one, other));
  return Object.fromEntries(entries.map(([name, value]) => [name, convert(value)]));
}

/** Returns a record's own value, never an inherited one, because a collection may be called `constructor`. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
