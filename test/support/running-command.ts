import path from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { projectFolder } from './project-folder';
import { startHere, type Ended, type Environment, type Project } from './schema-command';
import { typeScript } from './type-script';

/** A command that runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** What it has written to stderr so far. */
  readonly stderr: () => string;
  /** Waits until stderr matches. */
  says(text: string | RegExp): Promise<void>;
}

/** A command that runs in a process of its own. */
export interface RunningCommand extends Running {
  readonly pid: number;
  /** What it has written to stdout so far. */
  readonly stdout: () => string;
  send(signal: NodeJS.Signals): void;
}

export type StartDeploy = (project: Project, env: Environment, args?: readonly string[]) => Running;

const commandLine = path.join(projectFolder, 'src', 'cli', 'main.ts');
const migrateMongo = path.join(projectFolder, 'node_modules', '.bin', 'migrate-mongo');

export function startDeploy(project: Project, env: Environment, args: readonly string[] = ['--json']): RunningCommand {
  return startSchema(project, env, ['deploy', ...args]);
}

export function startSchema(project: Project, env: Environment, args: readonly string[]): RunningCommand {
  return start(project, env, 'node', [...typeScript, commandLine, ...args, '--migrations', project.folder]);
}

/** Starts a deploy in this process: sooner and for less, where nothing is to happen to the process itself. */
export function startDeployHere(project: Project, env: Environment, args: readonly string[] = ['--json']): Running {
  const { ended, stderr } = startHere(project, ['deploy', ...args], env);
  onTestFinished(async () => {
    await ended;
  });
  return { ended, stderr, says: saysBy(stderr) };
}

function saysBy(stderr: () => string): Running['says'] {
  return (text) => expect.poll(stderr, { timeout: 30_000, interval: 20 }).toMatch(text);
}

/** A bare `migrate-mongo up`, or another of its commands. */
export function startBare(project: Project, env: Environment, args: readonly string[] = ['up']): RunningCommand {
  const config = path.join(projectFolder, 'migrate-mongo-config.js');
  return start(project, { ...env, SCHEMA_MIGRATIONS: project.folder }, migrateMongo, [...args, '-f', config]);
}

/**
 * A program with nothing of this process' environment but what every program needs. It is killed when the test ends before it.
 * It works in the folder above the migrations, where no .env is.
 */
function start({ folder }: Project, env: Environment, file: string, args: readonly string[]): RunningCommand {
  const { PATH = '', HOME = '' } = process.env;
  const child = execa(file, args, {
    cwd: path.dirname(folder),
    env: { PATH, HOME, ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} did not start`);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = child.then(({ exitCode, stdout, stderr }): Ended => ({ exitCode, stdout, stderr }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    says: saysBy(() => stderr),
    send: (signal) => {
      process.kill(pid, signal);
    },
  };
}
