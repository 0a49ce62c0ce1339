import { MongoError, MongoServerError } from 'mongodb';

const knownCodes: ReadonlyMap<unknown, string> = new Map([
  [13, 'this user may not read the changelog'],
  [18, 'the server refuses the login'],
]);

/** What a probe may be told of an error: never the driver's or the server's own words, which name hosts and users. */
export function reasonOf(error: unknown, timeout: number, { aborted }: AbortSignal): string {
  // What was given up may end in any error: a connection that closes, a pool that is cleared.
  if (aborted) return `no answer within ${timeout / 1000} s`;
  if (error instanceof MongoServerError) {
    const known = knownCodes.get(error.code);
    return known ?? `the server answers with an error (${error.codeName ?? String(error.code)})`;
  }
  if (error instanceof MongoError) return 'the server cannot be reached';
  return 'the check failed';
}
