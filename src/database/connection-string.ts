import { z } from 'zod';
import { MongoUrl } from '../support/mongo-url';
import { newClient } from './client';

const serverDatabases = new Set(['admin', 'local', 'config']);

export const databaseName = z
  .string()
  .refine((name) => Buffer.byteLength(name) <= 63, 'is longer than 63 bytes')
  .regex(/^[^/\\. "$*<>:|?\0]+$/, 'has a character that a database name cannot have')
  .refine((name) => !serverDatabases.has(name), 'belongs to the server');

/** Why no database can have a name; undefined for one that can. */
export function databaseNameProblem(name: string): string | undefined {
  return databaseName
    .safeParse(name)
    .error?.issues.map(({ message }) => message)
    .join(' and ');
}

/**
 * A connection string that can be used. Which database it names is not judged here: another one may be named elsewhere.
 * @returns why not, for one that cannot be; it repeats nothing of a password, and no value of an option.
 */
export function readUrl(text: string): MongoUrl | { readonly problem: string } {
  try {
    const url = new MongoUrl(text);
    const message = refusal(url);
    return message === undefined ? url : { problem: problemIn(message, url) };
  } catch (error) {
    return { problem: problemIn((error as Error).message) };
  }
}

/** Why the database that a connection string names cannot be used; undefined when it can, or when none is named. */
export function databaseProblem({ database }: MongoUrl): string | undefined {
  const why = database === undefined ? undefined : databaseNameProblem(database);
  return why === undefined
    ? undefined
    : `names a database that ${why}; set MONGODB_DATABASE, and authSource in the URL where users are kept elsewhere`;
}

/** The driver's own judgement; it connects to nothing. */
function refusal(url: MongoUrl): string | undefined {
  try {
    newClient(url);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Of the messages of parser and driver only one is told: others may repeat a password, or the value of an option. */
function problemIn(message: string, url?: MongoUrl): string {
  const unknown = /^options? (.+) (?:is|are) not supported$/.exec(message)?.[1];
  if (unknown !== undefined) return `has options that do not exist: ${unknown}`;
  const wrong = url ? wrongOptions(url) : [];
  if (wrong.length > 0) return `has options with a value that they cannot have: ${wrong.join(', ')}`;
  return 'is not a connection string: mongodb://host:27017/database, with special characters in a password %-encoded';
}

/** The options without which the driver would accept the rest, or that it refuses when they stand alone. */
function wrongOptions(url: MongoUrl): string[] {
  const names = url.optionNames;
  const isRefused = (kept: (name: string) => boolean) => refusal(url.withOptions(kept)) !== undefined;
  const alone = names.filter((name) => isRefused((other) => other === name));
  if (alone.length > 0 && !isRefused(() => false)) return alone;
  return names.filter((name) => !isRefused((other) => other !== name));
}
