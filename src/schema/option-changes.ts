import { own } from './record';
import type { CollectionOptions, Plain, PlainObject } from './schema';
import { sortNames } from './sorting';
import { growth } from './time-series';

/** The name of each option in `collMod`, and the value that removes it, if it can be removed. */
const changeable: ReadonlyMap<string, { readonly as: string; readonly absent?: Plain }> = new Map([
  ['size', { as: 'cappedSize' }],
  ['max', { as: 'cappedMax' }],
  ['expireAfterSeconds', { as: 'expireAfterSeconds', absent: 'off' }],
  ['changeStreamPreAndPostImages', { as: 'changeStreamPreAndPostImages', absent: { enabled: false } }],
]);

/** Returns the names of the options that differ. */
export function differingOptions(from: CollectionOptions, to: CollectionOptions): string[] {
  const text = (options: CollectionOptions, name: string) => JSON.stringify(sortNames({ value: own(options, name) }));
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names.filter((name) => text(from, name) !== text(to, name));
}

/** Returns the differing options that no command can change in an existing collection. Some options can be neither removed nor added. */
export function fixedOptions(from: CollectionOptions, to: CollectionOptions): string[] {
  return differingOptions(from, to).filter((name) => {
    if (name === 'timeseries') return growth(own(from, name), own(to, name)) === undefined;
    const way = changeable.get(name);
    const isOnBothSides = own(from, name) !== undefined && own(to, name) !== undefined;
    return way === undefined || (way.absent === undefined && !isOnBothSides);
  });
}

/** Returns the arguments of `collMod` for a change of options; undefined when no command can make the change. */
export function optionsForCollMod(from: CollectionOptions, to: CollectionOptions): PlainObject | undefined {
  if (fixedOptions(from, to).length > 0) return undefined;
  const parts = differingOptions(from, to).flatMap((name): [string, Plain][] => {
    const grown = name === 'timeseries' ? growth(own(from, name), own(to, name)) : undefined;
    if (grown) return [[name, grown]];
    const way = changeable.get(name);
    const value = own(to, name) ?? way?.absent;
    return way && value !== undefined ? [[way.as, value]] : [];
  });
  return Object.fromEntries(parts);
}

/**
 * Returns whether `collMod` with these options may delete documents: it makes a capped collection smaller, or lets documents of a
 * clustered collection or of a time series expire.
 */
export function mayDelete(options: PlainObject): boolean {
  return ['cappedSize', 'cappedMax', 'expireAfterSeconds'].some((option) => option in options);
}
