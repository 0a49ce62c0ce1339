import { redactConnectionString } from 'mongodb-connection-string-url';

/** What stands before the last @ may hold quotes, which a password need not escape. */
const connectionString = /mongodb(?:\+srv)?:\/\/(?:[^\s/]*@)?[^\s'"`<>]+/g;
/** User and password as a driver's or a shell's message repeats them. */
const userInfo = /\/\/[^/\s@]+@/g;
/** The same in an address of another kind, such as a remote of git. */
const otherUserInfo = /(?<=\w:)\/\/[^/\s@'"`<>]+@/g;
/** The same where no address is around it: `user:password@host`. */
const userAndPassword = /(?<![\w/.%-])(?!mailto:)[\w.%+-]+:[^\s/:@'"`<>]+@(?=[\w[])/g;

const hidden = '<credentials>@';

/** A text without users and passwords: those of connection strings and other addresses, and `user:password@host`. */
export function redact(text: string): string {
  return text
    .replace(connectionString, (url) => redactConnectionString(url).replace(userInfo, `//${hidden}`))
    .replace(otherUserInfo, `//${hidden}`)
    .replace(userAndPassword, hidden);
}

/** A value as it goes into JSON, without users and passwords in any of its texts; dates and numbers stay what they are. */
export function redactAll<T>(value: T): T {
  return redactedIn(value) as T;
}

function redactedIn(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactedIn);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactedIn(inner)]));
}
