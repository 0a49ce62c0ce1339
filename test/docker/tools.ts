import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa, execaSync } from 'execa';
import { runsInCI } from '../../src/support/process-env';
import { projectFolder } from '../support/project-folder';
import { type Ended } from '../support/schema-command';

/** The path of mongosh; undefined, and said so, where there is none. */
export function findMongosh(): string | undefined {
  return installed('install_mongosh.sh', 'There is no mongosh here, so docker/mongo-init.js is NOT TESTED');
}

/** The folder of mongodump and mongorestore; undefined, and said so, where there is none. */
export function findTools(): string | undefined {
  return installed('install_tools.sh', 'There is no mongodump here, so the users that run it are NOT TESTED with it');
}

/** The path of promtool; undefined, and said so, where there is none. */
export function findPromtool(): string | undefined {
  return installed('install_promtool.sh', 'There is no promtool here, so docs/grafana is NOT TESTED with it');
}

/** @throws Error in CI, where nothing may be left out */
function installed(script: string, whatElse: string): string | undefined {
  const { exitCode, stdout } = execaSync(path.join(projectFolder, 'scripts', script), ['--check'], { reject: false });
  if (exitCode === 0) return stdout;
  const message = `${whatElse}: run scripts/${script}.`;
  if (runsInCI(process.env)) throw new Error(message);
  console.error(message);
  return undefined;
}

/** Runs a script in mongosh, with nothing of this process' environment but what every program needs. */
export async function runMongosh(
  mongosh: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(mongosh, ['--quiet', '--norc', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    extendEnv: false,
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

/** Runs mongodump or mongorestore, which read the connection string from a file, and an archive from standard input. */
export async function runTool(tool: string, url: string, args: readonly string[], input?: Uint8Array) {
  const folder = await mkdtemp(path.join(tmpdir(), 'tool-'));
  const config = path.join(folder, 'config.yml');
  try {
    await writeFile(config, `uri: ${JSON.stringify(url)}\n`, { mode: 0o600 });
    const { exitCode, stdout, stderr } = await execa(tool, ['--config', config, ...args], {
      ...(input && { input }),
      encoding: 'buffer',
      reject: false,
    });
    return { exitCode, stdout, stderr: Buffer.from(stderr).toString() };
  } finally {
    await rm(folder, { recursive: true });
  }
}
