import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Document, MongoClient } from 'mongodb';
import type { Direction } from '../../src/migration';
import { startProxy, type SentCommand, type Treatment } from '../support/proxy';
import { typeScript } from '../support/type-script';
import { runFixture } from './fixture';
import { treatAt, type Point } from './points';

/** A run that is to go wrong at one of its commands. */
export interface Doomed {
  readonly url: string;
  /** Of a client of that server. */
  readonly client: MongoClient;
  readonly database: string;
  readonly direction: Direction;
  readonly point: Point;
}

/** What became of a run with a fault in it. */
export interface FaultyRun {
  /** Whether the run came to the command, and the fault happened. */
  readonly hit: boolean;
  readonly error?: unknown;
}

/** Runs the fixture with one fault, and resolves when nothing of that run is on its way to the server any more. */
export type Fault = (run: Doomed) => Promise<FaultyRun>;

const operationFailed = 96;

/** The server refuses the command, for a reason that trying again would not mend. */
export const refused: Fault = (run) =>
  runHere(run, async ({ name, thread }, hit) => {
    const giveBack = await borrowFailPoint();
    const configure = (mode: string | Document, data: Document = {}) =>
      run.client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
    await configure({ times: 1 }, { failCommands: [name], threadName: thread, errorCode: operationFailed });
    return {
      onReply: ({ code }) => {
        if (code === operationFailed) hit();
        void configure('off').finally(giveBack);
      },
    };
  });

/** The connection ends before the server gets the command. */
export const cutBefore: Fault = (run) =>
  runHere(run, (_command, hit) => {
    hit();
    return { cut: 'before' };
  });

/** The server carries the command out, and the connection ends before its reply comes back. */
export const replyLost: Fault = (run) =>
  runHere(run, (_command, hit) => ({
    cut: 'reply',
    onReply: ({ ok }) => {
      if (ok === 1) hit();
    },
  }));

/** The process dies when the command has been carried out. */
export const killed: Fault = async ({ url, database, direction, point }) => {
  const proxy = await startProxy(
    url,
    treatAt(point, () => ({ cut: 'reply', onReply: ({ ok }) => ok === 1 && child.kill('SIGKILL') })),
  );
  const child = startProcess(proxy.url, database, direction);
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  await proxy.close();
  return { hit: signal === 'SIGKILL' };
};

/** The same run in a process of its own. */
export function startProcess(url: string, database: string, direction: Direction): ChildProcess {
  const program = path.join(__dirname, 'run-fixture.ts');
  return spawn(process.execPath, [...typeScript, program, url, database, direction], { stdio: 'inherit' });
}

async function runHere(
  { url, database, direction, point }: Doomed,
  treat: (command: SentCommand, hit: () => void) => Treatment | Promise<Treatment>,
): Promise<FaultyRun> {
  let isHit = false;
  const hit = () => {
    isHit = true;
  };
  const proxy = await startProxy(
    url,
    treatAt(point, (command) => treat(command, hit)),
  );
  const error: unknown = await runFixture(proxy.url, database, direction).catch((reason: unknown) => reason);
  await proxy.close();
  return { hit: isHit, ...(error !== undefined && { error }) };
}

let lastBorrower: Promise<void> = Promise.resolve();

/** The server has one fail point of a kind, so runs that go on side by side take turns. Resolves to what ends the turn. */
async function borrowFailPoint(): Promise<() => void> {
  const before = lastBorrower;
  let giveBack: () => void = () => undefined;
  lastBorrower = new Promise((resolve) => (giveBack = resolve));
  await before;
  return giveBack;
}
