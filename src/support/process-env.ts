/**
 * The variables of this process. They are read here alone, for the entry points and as a default, and written nowhere:
 * everything else is handed what it needs.
 */
export function processEnv(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}

/** Whether CI is set to anything but a plain no. */
export function runsInCI(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}
