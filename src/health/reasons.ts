import { MongoError, MongoServerError } from 'mongodb';

const knownCodes: ReadonlyMap<unknown, string> = new Map([
  [13, 'this user may not read the changelog'],
  [18, 'the server refuses the login'],
]);

/** Describes an error for a health check. Never repeats messages of the driver or the server, which name hosts and users. */
export function reasonOf(error: unknown, timeout: number, { aborted }: AbortSignal): string {
  // An aborted operation may end in any error, such as a closed connection or a cleared pool.
  if (aborted) return `no answer within ${timeout / 1000} s`;
  if (error instanceof MongoServerError) {
    const known = knownCodes.get(error.code);
    return known ?? `the server answers with an error (${error.codeName ?? String(error.code)})`;
  }
  if (error instanceof MongoError) return 'the server cannot be reached';
  return 'the check failed';
}
