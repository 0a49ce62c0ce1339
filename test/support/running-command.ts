import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import type { Ended } from '../commands/project-copy';
import type { SmallProject } from './small-project';
import { typeScript } from './type-script';

/** A command that runs in a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** Waits until stderr matches. */
  says(text: string | RegExp): Promise<void>;
  send(signal: NodeJS.Signals): void;
}

type Environment = Readonly<Record<string, string>>;

export function startDeploy(
  project: SmallProject,
  env: Environment,
  args: readonly string[] = ['--json'],
): RunningCommand {
  return startSchema(project, env, ['deploy', ...args]);
}

export function startSchema(project: SmallProject, env: Environment, args: readonly string[]): RunningCommand {
  return start(project, env, 'node', [...typeScript, 'src/commands/main.ts', ...args]);
}

/** A bare `migrate-mongo up`. */
export function startBareUp(project: SmallProject, env: Environment): RunningCommand {
  return start(project, env, 'node_modules/.bin/migrate-mongo', ['up']);
}

/** It is killed when the test ends before it. */
function start({ copy }: SmallProject, env: Environment, file: string, args: readonly string[]): RunningCommand {
  const { PATH = '', HOME = '' } = process.env;
  const child = execa(file, args, {
    cwd: copy.folder,
    env: { PATH, HOME, ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} did not start`);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = child.then(({ exitCode, stdout, stderr }): Ended => ({ exitCode, stdout, stderr }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid,
    ended,
    stderr: () => stderr,
    says: (text) => expect.poll(() => stderr, { timeout: 30_000, interval: 20 }).toMatch(text),
    send: (signal) => {
      process.kill(pid, signal);
    },
  };
}
