import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { SchemaError } from '../support/schema-error';

/** A process that this process starts, instructs, and can end at any time. */
export interface Child<Order, Answer> {
  send(order: Order): void;
  /**
   * Waits for an answer that `choose` accepts. Any other answer only counts as a sign of progress.
   * @throws error with code `FAILED` when the process ends, or sends nothing for `limit` milliseconds.
   */
  answer<T>(choose: (answer: Answer) => T | undefined, limit: number): Promise<T>;
  /** Ends the process immediately. */
  end(): void;
}

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Called with each line that the process prints. */
  readonly onLine: (line: string) => void;
}

/** Starts a file of this folder as a process. `name` is the name of the file without its extension. */
export function startChild<Order extends object, Answer>(
  name: string,
  { env, onLine }: ChildOptions,
): Child<Order, Answer> {
  const execArgv = process.execArgv.filter((option) => !option.startsWith('--inspect'));
  const child = fork(path.join(__dirname, `${name}${path.extname(__filename)}`), {
    env,
    execArgv,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', onLine);
  }
  const inbox = new Inbox<Answer>(child);
  return {
    send: (order) => {
      // Ignore the error: if the process has ended, waiting for its answer fails anyway.
      child.send(order, () => undefined);
    },
    answer: (choose, limit) => inbox.wait(choose, limit),
    end: () => {
      child.kill('SIGKILL');
    },
  };
}

/** The answers in order of arrival, followed by the end of the process. */
class Inbox<Answer> {
  readonly #answers: Answer[] = [];
  #ended: string | undefined;
  #wake: () => void = () => undefined;

  constructor(child: ChildProcess) {
    child.on('message', (answer) => {
      this.#answers.push(answer as Answer);
      this.#wake();
    });
    const end = (how: string) => {
      this.#ended ??= how;
      this.#wake();
    };
    child.on('error', ({ message }) => {
      end(message);
    });
    // Wait for both events, because the last answers may arrive after the process has ended.
    void Promise.all([once(child, 'exit'), once(child, 'disconnect')]).then(
      ([[code, signal]]) => {
        end(`the process ended ${signal === null ? `with exit code ${String(code)}` : `by ${String(signal)}`}`);
      },
      () => undefined,
    );
  }

  async wait<T>(choose: (answer: Answer) => T | undefined, limit: number): Promise<T> {
    for (;;) {
      for (let next = this.#answers.shift(); next !== undefined; next = this.#answers.shift()) {
        const chosen = choose(next);
        if (chosen !== undefined) return chosen;
      }
      if (this.#ended !== undefined)
        throw new SchemaError('FAILED', 'The process ended before it was done', { why: this.#ended });
      if (!(await this.#woken(limit))) {
        throw new SchemaError('FAILED', 'The process makes no progress', {
          why: `it sent nothing for ${limit / 1000} s`,
        });
      }
    }
  }

  #woken(limit: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, limit);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
