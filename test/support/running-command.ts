import path from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { projectFolder } from './project-folder';
import { startHere, type Ended, type Environment, type Project } from './schema-command';
import { typeScript } from './type-script';

/** A running command. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Returns its stderr output so far. */
  readonly stderr: () => string;
  /** Waits until stderr matches. */
  says(text: string | RegExp): Promise<void>;
}

/** A command in a separate process. */
export interface RunningCommand extends Running {
  readonly pid: number;
  /** Returns its stdout output so far. */
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

/** Starts a deploy in this process. It is faster, and enough when nothing happens to the process itself. */
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

/** Starts a bare `migrate-mongo up`, or another of its commands. */
export function startBare(project: Project, env: Environment, args: readonly string[] = ['up']): RunningCommand {
  const config = path.join(projectFolder, 'migrate-mongo-config.js');
  return start(project, { ...env, SCHEMA_MIGRATIONS: project.folder }, migrateMongo, [...args, '-f', config]);
}

/**
 * Starts a program with only the necessary variables of this process. It is killed when the test ends first.
 * It runs in the parent folder of the migrations, which has no .env file.
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
