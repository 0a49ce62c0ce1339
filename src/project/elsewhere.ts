import { fork } from 'node:child_process';
import path from 'node:path';
import type { Migration } from '../migration';
import { hashChanges } from '../schema';
import { processEnv } from '../support/process-env';
import { SchemaError } from '../support/schema-error';
import { circumstances, type Circumstance } from './circumstances';
import type { Answer, Order } from './load-elsewhere';

/**
 * What each migration depends on, in words, by the name of the migration. Migrations that make the same changes in every process are left
 * out.
 */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

const all = Object.keys(circumstances) as Circumstance[];
/**
 * How far the clock is shifted, in milliseconds: more than a year, plus days, hours, minutes and seconds, so that every part of a date
 * changes.
 */
const shift = 412 * 86_400_000 + 5 * 3_600_000 + 7 * 60_000 + 11_000;

/**
 * Finds the migrations whose changes depend on the clock, on random numbers, on the time zone or on the environment. First, this function
 * loads all migrations again in a process where all four differ. If the changes of some migrations then differ, the function varies each of
 * the four separately. Data steps are functions, so what they do is not compared.
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
      return [
        name,
        found.length > 0 ? found.map((one) => circumstances[one]) : ['something that differs between two processes'],
      ];
    }),
  );
}

const child = path.join(__dirname, `load-elsewhere${path.extname(__filename)}`);
/** The time limit for loading, in milliseconds. A migration loads within milliseconds, but the machine may be busy. */
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
      const why = 'the process that loads them ended without a result';
      reject(new SchemaError('FAILED', 'The migrations could not be loaded a second time', { why, cause }));
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

/** Returns only the variables that Node and its TypeScript loader read. */
function forTheProgram(variables: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => /^(?:PATH|NODE_.*|TS_NODE_.*)$/.test(name)));
}
