/** The placeholders for one value, and for a list of values. */
export const hidden = { one: '?', several: '[…]' } as const;

/** Matches parts of a path that look like values: ids, addresses, long numbers. Such field names occur when a document is used as a map. */
const likeValues = /^(?:[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{5,}|.*[@\s/].*|.{65,})$/i;

/** Returns a field path for a shape: parts that look like values become `*`. */
export function shownPath(path: string): string {
  return path
    .split('.')
    .map((name) => (likeValues.test(name) ? '*' : name))
    .join('.');
}

/** Returns whether no part of a path looks like a value. */
export function isNamed(path: string): boolean {
  return shownPath(path) === path;
}

/** Returns whether a value is a plain object. The driver's BSON types are values, not plain objects. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Joins the parts of a shape: `{ a: ?, b: ? }`, or `{}` if there are no parts. */
export function braces(parts: readonly string[]): string {
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
