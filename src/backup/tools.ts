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
  /** In the container that serves the database. */
  | { readonly container: string };

/** What leads to the same server inside the container and here: its port is published as it is. */
const containerHosts = ['localhost', '127.0.0.1', 'mongodb'];

/** What the tools are for. */
export interface ToolsFor {
  /** The server; absent for an embedded one, which no container reaches. */
  readonly url?: string | MongoUrl | undefined;
  /** The container that serves the database where Docker does; its tools are used when there are no others. */
  readonly container?: string | undefined;
  /** Where the tools are looked for; the process's own when absent. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const howToInstall = () =>
  `install the MongoDB Database Tools, or run ${shownScript('install_tools.sh')}, which builds them with Go`;

/**
 * On PATH; else where scripts/install_tools.sh put them; else in the container, if that runs.
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
    why: `they are not on PATH${container === undefined ? '' : `, and no container ${container} runs that has them`}`,
    fix: howToInstall(),
  });
}

/** Its own localhost is another one than this machine's: it would dump, or fill, another server than is meant. */
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
    why: `they are only in the container ${container}, where they can reach that container's server only`,
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

/** What a program prints; undefined when it is not there, fails, or takes longer than `timeout` milliseconds. */
async function ask(
  file: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly timeout?: number },
): Promise<string | undefined> {
  // Loaded only here: it takes as long as a tenth of a command, and mongodump is mostly on PATH.
  const { execa } = await import('execa');
  const { exitCode, stdout } = await execa(file, args, { ...options, extendEnv: false, reject: false });
  return exitCode === 0 ? stdout.trim() : undefined;
}
