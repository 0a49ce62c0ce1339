/** The `code` of an error of the system ('ENOENT', …), or of any other error that has one. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
