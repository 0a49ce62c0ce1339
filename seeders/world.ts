import { SchemaError } from '../src/support/schema-error';

/** How much is made. */
export interface Size {
  readonly users: number;
  /** Of each user. */
  readonly projects: number;
  /** Of each project. */
  readonly results: number;
}

/** What every document is derived from. The same world always has the same documents. */
export interface World {
  readonly seed: number;
  readonly size: Size;
  /** The day that the documents are told from: nothing has happened after it, and nothing falls due before the next. */
  readonly now: Date;
  readonly passwordHash: string;
}

/** Where a document belongs: to a user, or to one of a user's projects; several of a collection are told apart by `item`. */
export interface Place {
  readonly user: number;
  readonly project: number;
  readonly item: number;
}

/** What an id has room for; beyond that, numbers make no sense. */
export const limits = {
  seed: 2 ** 32 - 2,
  users: 2 ** 16,
  projects: 2 ** 12,
  results: 2 ** 20,
  /** All in all. */
  totalResults: 100_000_000,
} as const;

export const defaults = { users: 5, projects: 3, results: 50, seed: 1 } as const;

/** @throws error with code `USAGE` that says which number makes no sense, and what would */
export function refuseNonsense({ users, projects, results }: Size, seed: number): void {
  const problems = [
    problemOf('users', users, 1, limits.users),
    problemOf('projects', projects, 0, limits.projects),
    problemOf('results', results, 0, limits.results),
    problemOf('seed', seed, 0, limits.seed),
    users * projects * results > limits.totalResults
      ? `${users} users × ${projects} projects × ${results} results are more than ${limits.totalResults} results`
      : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new SchemaError('USAGE', 'Nothing was changed: the numbers make no sense', { why: problems });
  }
}

function problemOf(name: string, number: number, min: number, max: number): string | undefined {
  if (Number.isInteger(number) && number >= min && number <= max) return undefined;
  return `${name} takes a whole number from ${min} to ${max}, not ${number}`;
}

/** The start of a day in UTC. */
export function startOfDay(date: Date): Date {
  return new Date(date.getTime() - (date.getTime() % (24 * 3_600_000)));
}
