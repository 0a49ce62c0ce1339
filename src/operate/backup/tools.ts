import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
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

/**
 * On PATH; else where scripts/install_tools.sh put them; else in the container of the compose file, if that runs.
 * @throws Error with code `USAGE` that says what to install.
 */
export async function findTools(): Promise<Tools> {
  const folder = (await onPath()) ?? (await installed());
  if (folder !== undefined) return { folder };
  if (await isRunning()) return { container };
  throw backupError(
    'USAGE',
    'mongodump and mongorestore are not on PATH, and no container sentimatrix-mongodb runs that has them. Install the ' +
      'MongoDB Database Tools, or run scripts/install_tools.sh, which builds them with Go.',
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
