import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { SchemaError } from '../support/schema-error';
import { MongoUrl } from '../support/mongo-url';
import { ownScript, shownScript } from '../support/package-root';
import { processEnv } from '../support/process-env';

export type ToolName = 'mongodump' | 'mongorestore';

/** Where mongodump and mongorestore are. */
export type Tools =
  /** On this machine. */
  | { readonly folder: string }
  /** In the container that runs the database server. */
  | { readonly container: string };

/** Host names that mean the same server inside the container and outside: the container publishes its port under the same number. */
const containerHosts = ['localhost', '127.0.0.1', 'mongodb'];

/** The server that the tools connect to, and where to search for the tools. */
export interface ToolsFor {
  /** The server; undefined for an embedded one, which no container can reach. */
  readonly url?: string | MongoUrl | undefined;
  /** The container that may run the database server. The tools in the container are used when this machine has none. */
  readonly container?: string | undefined;
  /** The environment variables for the search. The default is those of the process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const howToInstall = () =>
  `install the MongoDB Database Tools, or run ${shownScript('install_tools.sh')}, which builds them with Go`;

/**
 * Searches on PATH; then where scripts/install_tools.sh installs them; then in the running container.
 * @throws error with code `USAGE` that says what to install
 */
export async function findTools({ url, container, env = processEnv() }: ToolsFor): Promise<Tools> {
  const folder = (await onPath(env)) ?? (await installed(env));
  if (folder !== undefined) return { folder };
  if (container !== undefined && (await isRunning(container, env))) {
    refuseUnreachable(container, url === undefined ? undefined : MongoUrl.of(url));
    return { container };
  }
  throw new SchemaError('USAGE', 'Cannot find mongodump and mongorestore', {
    why: `these programs are not on PATH${container === undefined ? '' : `, and no container ${container} runs that has them`}`,
    fix: howToInstall(),
  });
}

/**
 * Refuses tools in a container if the server is not in it. Inside the container, localhost is another machine, so the tools would use the
 * wrong server.
 */
function refuseUnreachable(container: string, url: MongoUrl | undefined): void {
  const hosts = url?.hosts ?? [];
  if (
    hosts.length > 0 &&
    !url?.isSrv &&
    hosts.every((host) => [...containerHosts, container].includes(host.replace(/:\d+$/, '')))
  )
    return;
  const server = url === undefined ? 'an embedded server' : hosts.join(', ');
  throw new SchemaError('USAGE', `Cannot find mongodump and mongorestore for ${server}`, {
    why: `these programs exist only in the container ${container}, and from there they can reach only the server of that container`,
    fix: howToInstall(),
  });
}

async function onPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    if (path.isAbsolute(folder) && (await holdsTools(folder))) return folder;
  }
  return undefined;
}

async function holdsTools(folder: string): Promise<boolean> {
  const files = ['mongodump', 'mongorestore'].map((name) => access(path.join(folder, name), constants.X_OK));
  return Promise.all(files).then(
    () => true,
    () => false,
  );
}

function installed(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return ask(ownScript('install_tools.sh'), ['--check'], { env });
}

async function isRunning(container: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return (
    (await ask('docker', ['inspect', '--format', '{{.State.Running}}', container], { env, timeout: 10_000 })) === 'true'
  );
}

/** Returns what a program prints; undefined when it does not exist, fails, or takes longer than `timeout` milliseconds. */
async function ask(
  file: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly timeout?: number },
): Promise<string | undefined> {
  // execa is loaded only here: loading takes a tenth of a command's time, and is not needed when mongodump is on PATH, as usual.
  const { execa } = await import('execa');
  const { exitCode, stdout } = await execa(file, args, { ...options, extendEnv: false, reject: false });
  return exitCode === 0 ? stdout.trim() : undefined;
}
