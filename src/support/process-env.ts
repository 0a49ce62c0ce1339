/**
 * The variables of this process. They are read here alone, for the entry points and as a default, and written nowhere:
 * everything else is handed what it needs.
 */
export function processEnv(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}
