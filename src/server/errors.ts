/**
 * What went wrong, for callers that map it to an exit code. Match by `code`, never by class: a test runner and the
 * program may hold two copies of this module.
 * - NO_SERVER: no mongod could be had, or it did not start
 * - USAGE: the command line or the environment is wrong
 * - DATA_IN_USE: another process holds the embedded server's data
 * - PORT_TAKEN: another program listens on the wanted port
 */
export type ServerErrorCode = 'NO_SERVER' | 'USAGE' | 'DATA_IN_USE' | 'PORT_TAKEN';

export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(
    readonly code: ServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error ('ENOENT', …), if it has one. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
