import { MongoUrl } from '../support/mongo-url';
import { newClient } from './client';

const serverDatabases = new Set(['admin', 'local', 'config']);

/** Returns why a database name is invalid; empty for a valid one. */
export function databaseNameProblems(name: string): string[] {
  return [
    ...(Buffer.byteLength(name) > 63 ? ['is longer than 63 bytes'] : []),
    ...(/^[^/\\. "$*<>:|?\0]+$/.test(name) ? [] : ['has a character that is not allowed in a database name']),
    ...(serverDatabases.has(name) ? ['belongs to the server'] : []),
  ];
}

/** Returns the same problems as one text; undefined for a valid name. */
export function databaseNameProblem(name: string): string | undefined {
  const problems = databaseNameProblems(name);
  return problems.length === 0 ? undefined : problems.join(' and ');
}

/**
 * Parses a connection string. Does not check the database name, because another database may be named elsewhere.
 * @returns the URL; for an invalid string, a description of the problem, without any part of a password or of an option's value
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

/** Returns why the database of a connection string cannot be used; undefined when it can be used, or when the string names no database. */
export function databaseProblem({ database }: MongoUrl): string | undefined {
  const why = database === undefined ? undefined : databaseNameProblem(database);
  return why === undefined
    ? undefined
    : `names a database that ${why}; set MONGODB_DATABASE, and authSource in the URL if users are stored elsewhere`;
}

/** Returns the driver's reason to reject a connection string; undefined when the driver accepts it. Connects to nothing. */
function refusal(url: MongoUrl): string | undefined {
  try {
    newClient(url);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Describes a problem of a connection string. Repeats only one message of the parser and the driver, the one about unknown options: the
 * other messages may contain a password, or the value of an option.
 */
function problemIn(message: string, url?: MongoUrl): string {
  const unknown = /^options? (.+) (?:is|are) not supported$/.exec(message)?.[1];
  if (unknown !== undefined) return `has options that do not exist: ${unknown}`;
  const wrong = url ? wrongOptions(url) : [];
  if (wrong.length > 0) return `has options with an invalid value: ${wrong.join(', ')}`;
  return 'is not a connection string: mongodb://host:27017/database, with special characters in a password %-encoded';
}

/**
 * Returns the invalid options: those that the driver refuses even when they are the only option. If there are none, returns each option
 * without which the driver accepts the remaining ones.
 */
function wrongOptions(url: MongoUrl): string[] {
  const names = url.optionNames;
  const isRefused = (kept: (name: string) => boolean) => refusal(url.withOptions(kept)) !== undefined;
  const alone = names.filter((name) => isRefused((other) => other === name));
  if (alone.length > 0 && !isRefused(() => false)) return alone;
  return names.filter((name) => !isRefused((other) => other !== name));
}
