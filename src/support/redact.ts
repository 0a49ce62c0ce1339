import { redactConnectionString } from 'mongodb-connection-string-url';

/** Matches connection strings. The part before the last @ may contain quotes, which a password need not escape. */
const connectionString = /mongodb(?:\+srv)?:\/\/(?:[^\s/]*@)?[^\s'"`<>]+/g;
/** Matches user and password in the form in which a message of a driver or a shell repeats them. */
const userInfo = /\/\/[^/\s@]+@/g;
/** Matches user and password in another kind of address, such as a git remote. */
const otherUserInfo = /(?<=\w:)\/\/[^/\s@'"`<>]+@/g;
/** Matches user and password without an address around them: `user:password@host`. */
const userAndPassword = /(?<![\w/.%-])(?!mailto:)[\w.%+-]+:[^\s/:@'"`<>]+@(?=[\w[])/g;

const hidden = '<credentials>@';

/** Removes users and passwords from a text: those in connection strings and other addresses, and `user:password@host`. */
export function redact(text: string): string {
  return text
    .replace(connectionString, (url) => redactConnectionString(url).replace(userInfo, `//${hidden}`))
    .replace(otherUserInfo, `//${hidden}`)
    .replace(userAndPassword, hidden);
}

/** Returns a value for JSON with users and passwords removed from all its texts. Dates and numbers are not changed. */
export function redactAll<T>(value: T): T {
  return redactedIn(value) as T;
}

function redactedIn(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactedIn);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactedIn(inner)]));
}
