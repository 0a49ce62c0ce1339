import { fork } from 'node:child_process';
import path from 'node:path';
import type { Migration } from '../migration';
import { hashChanges } from '../schema';
import { processEnv } from '../support/process-env';
import { SchemaError } from '../support/schema-error';
import { circumstances, type Circumstance } from './circumstances';
import type { Answer, Order } from './load-elsewhere';

/** What migrations depend on, in words, by their names: none that make the same changes everywhere. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

const all = Object.keys(circumstances) as Circumstance[];
/** More than a year, so that no part of a date stays the same. */
const shift = 412 * 86_400_000 + 5 * 3_600_000 + 7 * 60_000 + 11_000;

/**
 * Finds the migrations whose changes depend on the clock, on chance, on the time zone or on the environment: all are loaded
 * once more, in one process in which all of these are others. Only where something differs, each is tried alone.
 * Data steps are functions, and nothing is said of what those do.
 */
export async function dependenciesOf(migrations: readonly Migration[]): Promise<Dependencies> {
  if (migrations.length === 0) return new Map();
  const now = Date.now();
  const shifted = await loadElsewhere(migrations, now, all);
  const suspects = migrations.filter(({ changes }, at) => shifted[at] !== hashChanges(changes));
  if (suspects.length === 0) return new Map();
  const [usual, again, ...others] = await Promise.all([
    loadElsewhere(suspects, now, []),
    loadElsewhere(suspects, now, []),
    ...all.map((one) => loadElsewhere(suspects, now, [one])),
  ]);
  return new Map(
    suspects.map(({ name }, at) => {
      const isStable = usual[at] === again[at];
      const found = all.filter((_, which) => isStable && others[which]?.[at] !== usual[at]);
      return [name, found.length > 0 ? found.map((one) => circumstances[one]) : ['what differs between two processes']];
    }),
  );
}

const child = path.join(__dirname, `load-elsewhere${path.extname(__filename)}`);
/** A migration takes milliseconds to load; this is for a machine that does much else. */
const timeLimit = 120_000;

function loadElsewhere(
  migrations: readonly Migration[],
  now: number,
  changed: readonly Circumstance[],
): Promise<Answer> {
  const has = (one: Circumstance) => changed.includes(one);
  const order: Order = {
    files: migrations.map(({ file }) => file),
    now: has('clock') ? now - shift : now,
    seed: has('chance') ? 2 : 1,
  };
  const variables = processEnv();
  const env = {
    ...(has('environment') ? forTheProgram(variables) : variables),
    ...(has('timeZone') ? { TZ: 'Pacific/Chatham' } : variables['TZ'] !== undefined && { TZ: variables['TZ'] }),
  };
  const execArgv = process.execArgv.filter((option) => !option.startsWith('--inspect'));
  return new Promise((resolve, reject) => {
    const started = fork(child, { env, execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], timeout: timeLimit });
    const fail = (cause?: unknown) => {
      const why = 'the process that does it ended without an answer';
      reject(new SchemaError('FAILED', 'Migrations could not be loaded once more', { why, cause }));
    };
    started.once('message', (answer: Answer) => {
      resolve(answer);
    });
    started.once('error', fail);
    started.once('exit', () => {
      fail();
    });
    started.send(order, (error) => {
      if (error) fail(error);
    });
  });
}

/** What Node and its TypeScript loader themselves read; nothing else of the environment is there. */
function forTheProgram(variables: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => /^(?:PATH|NODE_.*|TS_NODE_.*)$/.test(name)));
}
