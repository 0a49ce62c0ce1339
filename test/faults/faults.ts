import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Document, MongoClient } from 'mongodb';
import type { Direction } from '../../src/migration';
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

/** The process dies when the command has been carried out. */
export const killed: Fault = async ({ url, database, direction, point }) => {
  const proxy = await startProxy(
    url,
    treatAt(point, () => ({ cut: 'reply', onReply: ({ ok }) => ok === 1 && child.kill('SIGKILL') })),
  );
  const child = startProcess(proxy.url, database, direction);
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  await proxy.close();
  if (signal === 'SIGKILL') return { happened: true };
  return {
    happened: false,
    ...(exitCode !== 0 && { error: new Error(`it ended with ${exitCode ?? String(signal)}`) }),
  };
};

/** The same run in a process of its own. What it fails with is on its stderr. */
export function startProcess(
  url: string,
  database: string,
  direction: Direction,
  { leaseSeconds, stderr = 'inherit' }: { leaseSeconds?: number; stderr?: 'inherit' | 'pipe' } = {},
): ChildProcess {
  const program = path.join(__dirname, 'run-fixture.ts');
  const args = [url, database, direction, ...(leaseSeconds === undefined ? [] : [String(leaseSeconds)])];
  return spawn(process.execPath, [...typeScript, program, ...args], { stdio: ['ignore', 'inherit', stderr] });
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
  const error: unknown = await runFixture(proxy.url, database, direction).catch((reason: unknown) => reason);
  await proxy.close();
  return { happened, ...(error !== undefined && { error }) };
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
