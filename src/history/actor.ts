import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { gitEnvironment } from '../support/git-environment';
import { packageRoot } from '../support/package-root';
import { processEnv } from '../support/process-env';

/** The user, the machine and the process that did something. */
export interface Actor {
  readonly host: string;
  readonly user: string;
  readonly pid: number;
}

/** Returns the current user, machine and process. If the user has no name, as in some containers, the user's number is the name. */
export function whoAmI(): Actor {
  return { host: hostname(), user: userName(), pid: process.pid };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

const projectFolder = path.resolve(__dirname, '..', '..');

/**
 * Returns the git commit of the migrations: the value of the environment variable SCHEMA_COMMIT (container images have no .git), else the
 * commit that is checked out in `folder`. Undefined when both are missing.
 */
export function currentCommit(folder: string = projectFolder): string | undefined {
  const named = processEnv()['SCHEMA_COMMIT'];
  if (named) return named;
  try {
    const output = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: folder,
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.toString().trim();
  } catch {
    return undefined;
  }
}

/** Returns the version of this package. */
export function toolVersion(): string {
  try {
    return (JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}
