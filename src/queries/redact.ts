/** What stands for a value, and for several in a list. */
export const hidden = { one: '?', several: '[…]' } as const;

/** Parts of a path that are rather values than names: ids, addresses, long numbers. Documents that are used as maps have such names. */
const likeValues = /^(?:[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{5,}|.*[@\s/].*|.{65,})$/i;

/** A path of a field as a shape shows it: what is rather a value than a name is `*`. */
export function shownPath(path: string): string {
  return path
    .split('.')
    .map((name) => (likeValues.test(name) ? '*' : name))
    .join('.');
}

/** Whether all of a path is names. */
export function isNamed(path: string): boolean {
  return shownPath(path) === path;
}

/** An object of the shape `{ … }`, and none of the driver's types: those are values. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `{ a: ?, b: ? }` */
export function braces(parts: readonly string[]): string {
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
