import { spawn } from 'node:child_process';

/** What a finished child process left behind. `code` is null when a signal or a time limit ended it. */
export interface ChildResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Set when a limit ended it: which one. */
  readonly timedOut?: string;
}

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds in all. */
  readonly timeout: number;
  /** Milliseconds without any output. */
  readonly silence?: number;
  /** Receives output while it comes; for progress. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * Runs a program to its end without a shell, both outputs collected.
 * @throws the system's error when it cannot be started (ENOENT, EACCES, ENOEXEC)
 */
export function runChild(file: string, args: readonly string[], options: ChildOptions): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let timedOut: string | undefined;
    const end = (reason: string): void => {
      timedOut = reason;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
    };
    const overall = setTimeout(end, options.timeout, `it took longer than ${seconds(options.timeout)}`);
    const silence = options.silence ?? options.timeout;
    const quiet = setTimeout(end, silence, `no answer within ${seconds(silence)}`);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
        quiet.refresh();
        options.onOutput?.(text, stream);
      });
    }
    const settle = (): void => {
      clearTimeout(overall);
      clearTimeout(quiet);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      resolve({ code, ...output, ...(timedOut === undefined ? {} : { timedOut }) });
    });
  });
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
