import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Document, MongoClient } from 'mongodb';
import { describeFinding } from '../../src/deploy';
import type { Direction } from '../../src/migration';
import { closedGate } from '../support/gate';
import { treatAt, type Point } from '../support/points';
import { startProxy, type SentCommand, type Treatment } from '../support/proxy';
import { typeScript } from '../support/type-script';
import { runFixture } from './fixture';

/** A run with a fault at one of its commands. */
export interface FaultyRun {
  readonly url: string;
  /** Of a client of that server. */
  readonly client: MongoClient;
  readonly database: string;
  readonly direction: Direction;
  readonly point: Point;
}

export interface FaultOutcome {
  /** Whether the run came to the command, and the fault happened. */
  readonly happened: boolean;
  /** What the run failed with; undefined after one that ended well, or was killed. */
  readonly error?: unknown;
  /** What a run that ended well could not check in the data beforehand. */
  readonly undetermined?: readonly string[];
}

/** Runs the fixture with one fault, and resolves when nothing of that run is on its way to the server any more. */
export type Fault = (run: FaultyRun) => Promise<FaultOutcome>;

const operationFailed = 96;

/** The server refuses the command, for a reason that trying again would not mend. */
export const refused: Fault = (run) =>
  runHere(run, async ({ name, thread }, happen) => {
    const unlock = await lockFailPoint();
    const configure = (mode: string | Document, data: Document = {}) =>
      run.client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
    await configure({ times: 1 }, { failCommands: [name], threadName: thread, errorCode: operationFailed });
    return {
      onReply: ({ code }) => {
        if (code === operationFailed) happen();
        void configure('off').finally(unlock);
      },
    };
  });

/** The connection ends before the server gets the command. */
export const cutBefore: Fault = (run) =>
  runHere(run, (_command, happen) => {
    happen();
    return { cut: 'before' };
  });

/** The server carries the command out, and the connection ends before its reply comes back. */
export const replyLost: Fault = (run) =>
  runHere(run, (_command, happen) => ({
    cut: 'reply',
    onReply: ({ ok }) => {
      if (ok === 1) happen();
    },
  }));

/**
 * The process dies when the command has been carried out. Runs that are to die at the same time share a process, since that
 * takes longer to start than a run takes: each comes to its command and goes no further, and then the process is killed.
 */
export const killed: Fault = (run) =>
  new Promise((resolve, reject) => {
    doomed.push({ run, resolve, reject });
    clearTimeout(beginning);
    if (doomed.length === KILLED_TOGETHER) killAll(doomed.splice(0));
    else
      beginning = setTimeout(() => {
        killAll(doomed.splice(0));
      }, 300);
  });

/** How many runs share a process that is killed. */
export const KILLED_TOGETHER = 8;

interface Doomed {
  readonly run: FaultyRun;
  readonly resolve: (outcome: FaultOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** What the next process will run. */
const doomed: Doomed[] = [];
let beginning: NodeJS.Timeout | undefined;

function killAll(together: readonly Doomed[]): void {
  killTogether(together.map(({ run }) => run)).then(
    (outcomes) => {
      for (const [at, { resolve }] of together.entries()) resolve(outcomes[at] ?? { happened: false });
    },
    (reason: unknown) => {
      for (const { reject } of together) reject(reason);
    },
  );
}

async function killTogether(runs: readonly FaultyRun[]): Promise<FaultOutcome[]> {
  const isKilled = closedGate();
  const outcomes: (FaultOutcome | undefined)[] = runs.map(() => undefined);
  const end = (at: number, outcome: FaultOutcome) => {
    outcomes[at] ??= outcome;
    if (outcomes.every((one) => one !== undefined)) child.kill('SIGKILL');
  };
  const proxies = await Promise.all(
    runs.map(({ url, point }, at) => {
      const atPoint = treatAt(point, () => ({
        swallow: 'reply',
        onReply: ({ ok }) => {
          if (ok === 1) end(at, { happened: true });
        },
      }));
      return startProxy(url, async (command) => {
        // A run that came to its command sends no other one.
        if (outcomes[at]?.happened !== true) return atPoint(command);
        await isKilled.opened;
        return { cut: 'before' };
      });
    }),
  );
  const child = startProcess(
    runs.map(({ database, direction }, at) => ({ url: proxies[at]?.url ?? '', database, direction })),
  );
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  if (child.stdout) {
    // A line for each run that came to its own end.
    for await (const line of createInterface(child.stdout)) {
      const { at, error } = JSON.parse(line) as { at: number; error?: string };
      end(at, { happened: false, ...(error !== undefined && { error: new Error(error) }) });
    }
  }
  const [exitCode] = await exited;
  isKilled.open();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  return outcomes.map(
    (outcome) => outcome ?? { happened: false, error: new Error(`the process ended with ${String(exitCode)}`) },
  );
}

/** A run in a process of its own. */
export interface RunInProcess {
  readonly url: string;
  readonly database: string;
  readonly direction: Direction;
}

/** The same runs, side by side in one process. It says on stdout, in a line of JSON each, which of them ended, and with what error. */
export function startProcess(runs: readonly RunInProcess[]): ChildProcess {
  const program = path.join(__dirname, 'run-fixture.ts');
  const args = [...typeScript, program, JSON.stringify(runs)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function runHere(
  { url, database, direction, point }: FaultyRun,
  treat: (command: SentCommand, happen: () => void) => Treatment | Promise<Treatment>,
): Promise<FaultOutcome> {
  let happened = false;
  const happen = () => {
    happened = true;
  };
  const proxy = await startProxy(
    url,
    treatAt(point, (command) => treat(command, happen)),
  );
  const ended = await runFixture(proxy.url, database, direction).then(
    (found): Partial<FaultOutcome> => ({
      undetermined: found.map(describeFinding).filter((text) => text.includes('not determined')),
    }),
    (error: unknown): Partial<FaultOutcome> => ({ error }),
  );
  await proxy.close();
  return { happened, ...ended };
}

let lastLock: Promise<void> = Promise.resolve();

/** The server has one fail point of a kind, so runs that go on side by side take turns. Resolves to what ends the turn. */
async function lockFailPoint(): Promise<() => void> {
  const before = lastLock;
  let unlock: () => void = () => undefined;
  lastLock = new Promise((resolve) => (unlock = resolve));
  await before;
  return unlock;
}
