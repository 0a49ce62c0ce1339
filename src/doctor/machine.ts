import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findTools, type ToolsFor } from '../backup/tools';
import { commitOf } from '../review/git';
import { size } from '../support/counts';
import { shownScript } from '../support/package-root';
import { codeOf } from '../support/system-error';
import { lineOf, type DoctorLine } from './line';

const run = promisify(execFile);

/** The oldest supported version of Node, the same as `engines` in package.json. */
export const oldestNode = '20.19.0';

export function nodeLine(version: string): DoctorLine {
  const name = 'Node';
  const isNewEnough = version.localeCompare(oldestNode, 'en', { numeric: true }) >= 0;
  if (isNewEnough) return { name, state: 'ok', found: version };
  return {
    name,
    state: 'problem',
    found: `${version}, but this tool needs ${oldestNode} or newer`,
    fix: `install Node ${oldestNode} or newer`,
  };
}

/** Checks mongodump and mongorestore, which backups need. */
export async function toolsLine(tools: ToolsFor): Promise<DoctorLine> {
  const name = 'mongodump, mongorestore';
  try {
    const found = await findTools(tools);
    return {
      name,
      state: 'ok',
      found: 'folder' in found ? `in ${found.folder}` : `in the container ${found.container}`,
    };
  } catch (error) {
    return lineOf(error, name, 'warning');
  }
}

export async function mongoshLine(env: NodeJS.ProcessEnv): Promise<DoctorLine> {
  const name = 'mongosh';
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    if (path.isAbsolute(folder) && (await may(path.join(folder, name), constants.X_OK))) {
      return { name, state: 'ok', found: `in ${folder}` };
    }
  }
  return {
    name,
    state: 'warning',
    found: 'not on PATH; `status` and `drift` show commands to run in mongosh',
    fix: `install mongosh, or run ${shownScript('install_mongosh.sh')}`,
  };
}

/** How long Docker may take to answer, in milliseconds. */
const dockerWithin = 5_000;

export async function dockerLine(env: NodeJS.ProcessEnv): Promise<DoctorLine> {
  const name = 'Docker';
  try {
    const args = ['version', '--format', '{{.Server.Version}}'];
    const { stdout } = await run('docker', args, { env, timeout: dockerWithin });
    return { name, state: 'ok', found: stdout.trim() };
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT';
    return {
      name,
      state: 'warning',
      found: `${isMissing ? 'not found' : 'it is installed, but its daemon does not answer'}; only the files in docker/ need Docker`,
      fix: isMissing ? 'install Docker to use docker/docker-compose.yml' : 'start the Docker daemon',
    };
  }
}

/** Checks that the git ref exists with which `lint --base` and `report --base` compare. */
export async function gitLine(folder: string, ref: string): Promise<DoctorLine> {
  const name = 'git base';
  try {
    return { name, state: 'ok', found: `${ref} is ${(await commitOf(folder, ref)).slice(0, 12)}` };
  } catch (error) {
    return lineOf(error, name, 'warning');
  }
}

const usualBytes = 1024 ** 3;

/** Checks whether a backup of `bytes` bytes fits in `folder`. The folder need not exist yet. */
export async function diskLine(folder: string, bytes = 0): Promise<DoctorLine> {
  const name = 'backup folder';
  const there = await firstThere(path.resolve(folder));
  if (!(await stat(there)).isDirectory()) {
    return { name, state: 'problem', found: `${there} is not a folder`, fix: 'name another folder with --out' };
  }
  if (!(await may(there, constants.W_OK))) {
    return { name, state: 'problem', found: `${there} is not writable`, fix: 'name another folder with --out' };
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const wanted = Math.max(bytes, usualBytes);
  if (free >= wanted) return { name, state: 'ok', found: `${folder} has ${size(free)} free` };
  return {
    name,
    state: 'warning',
    found: `${folder} has ${size(free)} free${bytes > 0 ? `, and the database holds ${size(bytes)}` : ''}`,
    fix: `free ${size(wanted)}, or name another folder with --out`,
  };
}

async function firstThere(folder: string): Promise<string> {
  if (folder === path.dirname(folder) || (await may(folder, constants.F_OK))) return folder;
  return firstThere(path.dirname(folder));
}

function may(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
