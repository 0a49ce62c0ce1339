/** Returns the `code` of a system error ('ENOENT', …), or of any other error that has one. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
