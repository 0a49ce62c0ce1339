import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ConnectionString } from 'mongodb-connection-string-url';
import { backupError } from './errors';

export type ToolName = 'mongodump' | 'mongorestore';

/** Where mongodump and mongorestore are. */
export type Tools =
  /** On this machine. */
  | { readonly folder: string }
  /** In the container that serves the database. */
  | { readonly container: string };

/** The container of docker/docker-compose.yml. */
const container = 'sentimatrix-mongodb';
const run = promisify(execFile);

/** What leads to the same server inside the container and here: its port is published as it is. */
const containerHosts = new Set(['localhost', '127.0.0.1', 'mongodb', container]);

/**
 * On PATH; else where scripts/install_tools.sh put them; else in the container of the compose file, if that runs.
 * @param url the server that they are for; undefined for an embedded one, which no container reaches
 * @throws Error with code `USAGE` that says what to install.
 */
export async function findTools(url: string | undefined): Promise<Tools> {
  const folder = (await onPath()) ?? (await installed());
  if (folder !== undefined) return { folder };
  if (await isRunning()) {
    refuseUnreachable(url);
    return { container };
  }
  throw backupError(
    'USAGE',
    'mongodump and mongorestore are not on PATH, and no container sentimatrix-mongodb runs that has them. Install the ' +
      'MongoDB Database Tools, or run scripts/install_tools.sh, which builds them with Go.',
  );
}

/** Its own localhost is another one than this machine's: it would dump, or fill, another server than is meant. */
function refuseUnreachable(url: string | undefined): void {
  const hosts = url === undefined ? [] : new ConnectionString(url).hosts;
  const isSrv = url?.startsWith('mongodb+srv:') === true;
  if (hosts.length > 0 && !isSrv && hosts.every((host) => containerHosts.has(host.replace(/:\d+$/, '')))) return;
  throw backupError(
    'USAGE',
    `mongodump and mongorestore are only in the container ${container}, which is for its own server alone, and not for ` +
      `${url === undefined ? 'an embedded one' : hosts.join(', ')}. Run scripts/install_tools.sh, or install the MongoDB Database Tools.`,
  );
}

async function onPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
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

/** The scripts lie one folder higher for compiled code. */
async function installed(): Promise<string | undefined> {
  const project = path.resolve(__dirname, '..', '..', '..');
  for (const folder of [project, path.dirname(project)]) {
    try {
      const { stdout } = await run(path.join(folder, 'scripts', 'install_tools.sh'), ['--check']);
      return stdout.trim();
    } catch {
      // Not there, or nothing is installed.
    }
  }
  return undefined;
}

async function isRunning(): Promise<boolean> {
  try {
    const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Running}}', container], {
      timeout: 10_000,
    });
    return stdout.trim() === 'true';
  } catch {
    return false;
  }
}
