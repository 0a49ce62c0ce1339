import { humanSeconds } from '../../support/counts';
import { equal, type CollectionOptions, type Index, type Plain, type PlainObject } from '../../schema';

/** Returns a number with its noun: `1 field`, `2 fields`, `2 indexes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : noun.endsWith('x') ? 'es' : 's'}`;
}

/** Returns a literal, formatted as code. */
export function code(value: unknown): string {
  const text = typeof value === 'string' ? value : compact(value);
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Formats a value in one line, as in mongosh: `{ user_id: 1, "oauth.google_id": 1 }`. */
export function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? 'nothing' : JSON.stringify(value);
  }
  const entries = Object.entries(value).map(([name, inner]) => `${nameOf(name)}: ${compact(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function nameOf(name: string): string {
  // In an object literal, `__proto__: x` sets the prototype, even with quotes. A computed name does not.
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** The TTL, in seconds, that means "never" to the server. */
const never = 2_147_483_647;

export function describeTtl(seconds: number): string {
  if (seconds === 0) return 'documents are deleted at the time in the field';
  if (seconds === never) return 'a TTL that is switched off';
  return `documents are deleted after ${humanSeconds(seconds)}`;
}

/** Returns the properties of an index besides its keys. */
export function traitsOf(index: Index): string[] {
  const { key: _key, expireAfterSeconds, collation, ...others } = index;
  return [
    ...Object.entries(others)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => (value === true ? name : `${name} ${code(value)}`)),
    ...(collation ? [`collation ${code(collation)}`] : []),
    ...(expireAfterSeconds === undefined ? [] : [`TTL: ${describeTtl(expireAfterSeconds)}`]),
  ];
}

/** Describes an index in one line: its keys, then its other properties. */
export function describeIndex(index: Index): string {
  return [code(index.key), ...traitsOf(index)].join(', ');
}

/** Describes the options of a collection in one line; empty when there are none. */
export function describeOptions(options: CollectionOptions): string {
  return Object.entries(options)
    .map(([name, value]) => (value === true ? name : `${name} ${code(value)}`))
    .join(', ');
}

/** Describes the differences between the fields of two objects: `` `name`: "a" → "b" ``. */
export function describeDifferences(
  from: PlainObject,
  to: PlainObject,
  kind: 'document' | 'collection' = 'document',
): string[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names
    .filter((name) => !isEqual(kind, from[name], to[name]))
    .map((name) => `${code(name)}: ${shorten(compact(from[name]))} → ${shorten(compact(to[name]))}`);
}

function isEqual(kind: 'document' | 'collection', one: Plain | undefined, other: Plain | undefined): boolean {
  const wrap = (value: Plain | undefined): PlainObject => (value === undefined ? {} : { value });
  return equal(kind, wrap(one), wrap(other));
}

/** Cuts off the end of a text that is longer than the limit. */
export function shorten(text: string, limit = 120): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
