import type { Index } from '../../schema';

const identifier = /^[A-Za-z_$][\w$]*$/;

/** Formats a value as TypeScript code, on one line. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([name, inner]) => `${propertyName(name)}: ${literal(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Returns a property name: `email`, or `'oauth.google_id'`. */
export function propertyName(name: string): string {
  return identifier.test(name) ? name : quoted(name);
}

/** Quotes a text with single quotes, or with double quotes if this needs fewer escapes. */
function quoted(text: string): string {
  if (text.includes("'") && !text.includes('"')) return JSON.stringify(text);
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

/** Returns code such as `{ name: 'email_1', key: { email: 1 }, unique: true, serves: '…' }`. */
export function indexLiteral(name: string, index: Index, serves = '…'): string {
  return literal({ name, ...index, serves });
}
