import { humanSeconds } from '../../support/counts';
import { equal, type CollectionOptions, type Index, type Plain, type PlainObject } from '../../schema';

/** `1 field`, `2 fields`, `2 indexes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : noun.endsWith('x') ? 'es' : 's'}`;
}

/** A literal, as it is written in code. */
export function code(value: unknown): string {
  const text = typeof value === 'string' ? value : compact(value);
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A value in one line, as a shell takes it: `{ user_id: 1, "oauth.google_id": 1 }`. */
export function compact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(', ')}]`;
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? 'nothing' : JSON.stringify(value);
  }
  const entries = Object.entries(value).map(([name, inner]) => `${nameOf(name)}: ${compact(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function nameOf(name: string): string {
  // `__proto__: x` in code sets a prototype, also in quotes.
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** The server takes this TTL for never. */
const never = 2_147_483_647;

export function describeTtl(seconds: number): string {
  if (seconds === 0) return 'documents are deleted at the time in the field';
  if (seconds === never) return 'a TTL that is switched off';
  return `documents are deleted after ${humanSeconds(seconds)}`;
}

/** What is special about an index, besides its keys. */
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

/** An index in a line: its keys, then what is special about it. */
export function describeIndex(index: Index): string {
  return [code(index.key), ...traitsOf(index)].join(', ');
}

/** The options of a collection in a line; empty for a plain one. */
export function describeOptions(options: CollectionOptions): string {
  return Object.entries(options)
    .map(([name, value]) => (value === true ? name : `${name} ${code(value)}`))
    .join(', ');
}

/** In which fields of their own two objects differ: `` `name`: "a" → "b" ``. */
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

/** A text that is cut where it would fill more than a line. */
export function shorten(text: string, limit = 120): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
