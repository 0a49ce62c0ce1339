/**
 * Returns the environment variables of this process. Only this function reads these variables: entry points call it, and functions use it
 * for the default value of an argument. No code sets the variables. All other code receives what it needs as arguments.
 */
export function processEnv(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}

/** Returns whether the environment variable CI is set, and is not `0`, `false` or empty. */
export function runsInCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}
