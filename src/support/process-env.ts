/**
 * Returns the environment variables of this process. Only this function reads them, for entry points and as a default. No code sets them.
 * All other code receives what it needs as arguments.
 */
export function processEnv(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}

/** Returns whether CI is set to anything but an explicit no. */
export function runsInCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}
