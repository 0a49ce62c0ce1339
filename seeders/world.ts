import { SchemaError } from '../src/support/schema-error';

/** How much data is generated. */
export interface Size {
  readonly users: number;
  /** The number of projects per user. */
  readonly projects: number;
  /** The number of results per project. */
  readonly results: number;
}

/** The input from which all documents are derived. The same world always has the same documents. */
export interface World {
  readonly seed: number;
  readonly size: Size;
  /** The current day in the data: nothing happened after this day, and nothing is due before the next day. */
  readonly now: Date;
  readonly passwordHash: string;
}

/** The owner of a document: a user, or one of a user's projects. `item` distinguishes several documents of one collection. */
export interface Place {
  readonly user: number;
  readonly project: number;
  readonly item: number;
}

/** The largest numbers that fit into an id. */
export const limits = {
  seed: 2 ** 32 - 2,
  users: 2 ** 16,
  projects: 2 ** 12,
  results: 2 ** 20,
  /** The maximum number of results of all projects together. */
  totalResults: 100_000_000,
} as const;

export const defaults = { users: 5, projects: 3, results: 50, seed: 1 } as const;

/** @throws error with code `USAGE` that says which number is invalid, and what is allowed */
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
    throw new SchemaError('USAGE', 'Nothing was changed: the numbers are invalid', { why: problems });
  }
}

function problemOf(name: string, number: number, min: number, max: number): string | undefined {
  if (Number.isInteger(number) && number >= min && number <= max) return undefined;
  return `${name} must be a whole number from ${min} to ${max}, not ${number}`;
}

/** Returns the start of a day in UTC. */
export function startOfDay(date: Date): Date {
  return new Date(date.getTime() - (date.getTime() % (24 * 3_600_000)));
}
