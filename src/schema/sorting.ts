interface Sorting {
  /** A top-level name. The names inside its value are not sorted. */
  readonly keepOrderOf?: string;
  /** Names, at any depth, whose arrays are sets. */
  readonly setsIn?: ReadonlySet<string>;
}

/** Returns a value with sorted names at every depth, and without undefined values. */
export function sortNames<T>(value: T, sorting: Sorting = {}): T {
  return sortedValue(value, sorting) as T;
}

function sortedValue(value: unknown, { keepOrderOf, setsIn }: Sorting): unknown {
  const below = setsIn ? { setsIn } : {};
  if (Array.isArray(value)) return value.map((item: unknown) => sortedValue(item, below));
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => compareText(one, other))
    .map(([name, item]: [string, unknown]) => {
      if (name === keepOrderOf) return [name, item];
      const inner = sortedValue(item, below);
      return [name, setsIn?.has(name) && Array.isArray(inner) ? sortSet(inner) : inner];
    });
  return Object.fromEntries(sorted) as unknown;
}

function sortSet(items: readonly unknown[]): unknown[] {
  return items.toSorted((one, other) => compareText(JSON.stringify(one), JSON.stringify(other)));
}

/** Compares two texts by UTF-16 code units, so that the order is the same in every locale. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
