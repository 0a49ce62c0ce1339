import { redactConnectionString } from 'mongodb-connection-string-url';

/** What stands before the last @ may hold quotes, which a password need not escape. */
const connectionString = /mongodb(?:\+srv)?:\/\/(?:[^\s/]*@)?[^\s'"`<>]+/g;
/** User and password as a driver's or a shell's message repeats them. */
const userInfo = /\/\/[^/\s@]+@/g;

/** A text without the users and passwords of the connection strings in it. */
export function redact(text: string): string {
  return text.replace(connectionString, (url) => redactConnectionString(url).replace(userInfo, '//<credentials>@'));
}
