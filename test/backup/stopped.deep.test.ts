import { execaSync } from 'execa';
import { beforeEach, describe, expect, it } from 'vitest';
import { useDatabase, type TestDatabase } from '../support/database';
import { readUnfinished } from '../../src/history';
import { closedGate } from '../support/gate';
import { letLeaseRunOut } from '../support/lease';
import { describePoint, treatAt, type Point } from '../support/points';
import { startProxy, type Treatment } from '../support/proxy';
import { endWhatIsLeft } from './cut-off';
import { script } from './support';
import { backUpEverything, fillBefore, stateOf } from './swapping';

/** Commands of a restore that may take long, or that wait for others: the first of each kind. */
const long = [
  'find schema_lock',
  'insert restoring_results',
  'find restoring_results',
  'createIndexes restoring_results',
  'collMod restoring_sessions',
  'renameCollection results',
  'renameCollection restoring_results',
  'collMod view',
  'drop replaced_results',
].map((kind): Point => ({ kind, occurrence: 1 }));
const ways = [
  { signal: 'SIGTERM', swallow: 'reply' },
  { signal: 'SIGINT', swallow: 'command' },
] as const;
/** Reads need no word, and mongorestore does the inserts. */
function isOurs({ kind }: Point): boolean {
  return !/^(?:find|insert)/.test(kind);
}

/** Of one that is told twice to end, in milliseconds. */
const endsWithin = 10_000;

const database = useDatabase();
beforeEach(() => database.db.dropDatabase());

describe('A second signal to a restore', () => {
  it(
    'ends it within ten seconds, wherever it waits; it says how it left the database, and what ends that',
    { timeout: 900_000 },
    async () => {
      const { db } = database;
      const { file, state: after } = await backUpEverything(db);
      const endings: string[] = [];
      for (const [number, point] of long.entries()) {
        for (const { signal, swallow } of ways) {
          const at = `${signal}, ${swallow} of ${describePoint(point)}`;
          await db.dropDatabase();
          await fillBefore(db);
          const before = await stateOf(db);
          const { exitCode, stderr, lasted } = await signalTwiceAt(database, file, point, { signal, swallow });
          expect(exitCode, at).toBe(1);
          expect(lasted, at).toBeLessThan(endsWithin);
          expect(stderr, at).toMatch(/^✖ .* \(ABORTED\)$/m);
          if (isOurs(point)) expect(stderr, at).toContain(`had not answered ${point.kind.replace(' ', ' of ')}`);
          expect(stderr.includes('`restore --resume`'), `${at}\n${stderr}`).toBe((await readUnfinished(db)) !== null);
          await letLeaseRunOut(db);
          const by = (number + endings.length) % 2 === 0 ? 'resume' : 'undo';
          const ending = await endWhatIsLeft(database, { before, after, at, by });
          endings.push(ending);
        }
      }
      expect(new Set(endings)).toEqual(new Set(['before', 'resumed', 'undone', 'after']));
    },
  );
});

/** Restores, and sends a signal twice while a command has no answer. */
async function signalTwiceAt(
  { url, name }: TestDatabase,
  file: string,
  point: Point,
  { signal, swallow }: Pick<Treatment, 'swallow'> & { signal: NodeJS.Signals },
) {
  const reached = closedGate();
  const proxy = await startProxy(
    url,
    treatAt(point, () => {
      reached.open();
      return swallow === undefined ? {} : { swallow };
    }),
  );
  const env = { MONGODB_URL: proxy.url, MONGODB_DATABASE: name };
  const running = script('restore_db.sh', ['--drop', '--yes', file], { env });
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    await Promise.race([reached.opened, running]);
    const tools = childrenOf(running.pid);
    running.kill(signal);
    await expect.poll(() => said, { timeout: 10_000, interval: 20 }).toContain(`${signal}: stopping`);
    const sent = performance.now();
    running.kill(signal);
    const { exitCode, stderr } = await running;
    const lasted = performance.now() - sent;
    await expect.poll(() => tools.filter(isRunning), { timeout: 5_000 }).toEqual([]);
    return { exitCode, stderr, lasted };
  } finally {
    await proxy.close();
  }
}

function childrenOf(pid: number | undefined): number[] {
  const { stdout } = execaSync('pgrep', ['-P', String(pid)], { reject: false });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
