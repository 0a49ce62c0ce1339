import { InvalidArgumentError, type Command } from 'commander';
import { createRequire } from 'node:module';
import type * as Seeders from '.';
import type { ClearReport } from './run/clear';
import type { SeedReport } from './run/seed';
import type { Context } from '../src/cli/context';
import { withCommonOptions, type CommonOptions } from '../src/cli/options';
import { count, duration, table } from '../src/cli/output';
import { progressBar } from '../src/cli/progress-bar';
import { stoppable } from '../src/cli/signals';
import { readTargetConfig, withTarget } from '../src/cli/target';

interface Options extends CommonOptions {
  readonly users?: number;
  readonly projects?: number;
  readonly results?: number;
  readonly seed?: number;
  readonly now?: Date;
  readonly mongodbUrl?: string;
  readonly database?: string;
  readonly clear?: boolean;
  readonly force?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('seed'))
    .description(
      'Inserts test data. The same seed always produces the same data. Existing documents stay unchanged, and no document is inserted twice.',
    )
    .option('--users <number>', 'the number of users; the first one is an admin (default: 5)', toWhole)
    .option('--projects <number>', 'the number of projects per user (default: 3)', toWhole)
    .option('--results <number>', 'the number of results per project (default: 50)', toWhole)
    .option(
      '--seed <number>',
      'the number that determines the data; another seed adds other data to the existing data (default: 1)',
      toWhole,
    )
    .option('--now <date>', 'the last day of the data (default: today, in UTC)', toDay)
    .option('--mongodb-url <url>', 'the server; MONGODB_URL and MONGODB_DATABASE are then ignored', toText)
    .option('--database <name>', 'the database', toText)
    .option('--clear', 'remove the documents of this seed, and no others')
    .option('--force', 'continue although the server is not on this machine, or NODE_ENV is production')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run seed\n  $ npm run seed -- --users 10 --projects 5 --results 100\n  $ npm run seed -- --clear',
    )
    .action((options: Options) => runSeed(context, options));
}

async function runSeed(context: Context, { clear: clears = false, ...options }: Options): Promise<void> {
  // Load the code for test data only here: no other verb needs it.
  const { clear, defaults, refuseNonsense, refuseProduction, seed } = createRequire(__filename)(
    './index',
  ) as typeof Seeders;
  // Check before a server is contacted or started: the target may be the wrong server.
  refuseNonsense({ ...defaults, ...options }, options.seed ?? defaults.seed);
  const { url } = readTargetConfig(context, options);
  if (url !== undefined) refuseProduction(url, options, context.env);
  await withTarget(context, 'seed', options, async ({ server, ...target }) => {
    const bar = progressBar(context, { after: 1_000 });
    const what = clears ? 'removing' : 'seeding';
    const run = <Report>(work: (how: Options & typeof target & How) => Promise<Report>) =>
      stoppable(context, (signal) =>
        work({
          ...options,
          ...target,
          env: context.env,
          signal,
          onProgress: (progress) => {
            bar.update({ what, ...progress });
          },
        }),
      ).finally(() => {
        bar.stop();
      });
    if (clears) {
      const report = await run(clear);
      context.print({ server, ...report }, describeCleared(report), options);
    } else {
      const report = await run(seed);
      context.print({ server, ...report }, describeSeeded(report), options);
    }
  });
}

interface How {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
}

function describeSeeded({ collections, logins, seed, added, milliseconds }: SeedReport): string[] {
  const rows = Object.entries(collections).map(([name, filled]) => [name, filled.added, filled.present]);
  return [
    table(['collection', 'added', 'existing'], rows),
    '',
    added === 0
      ? `Nothing was added: all documents of seed ${seed} already exist.`
      : `${count(added, 'document')} added in ${duration(milliseconds)}.`,
    ...logins.map(({ email, role, password }) => `Log in as ${email} (${role}), password ${password}.`),
  ];
}

function describeCleared({ collections, removed, seed, keptAccounts }: ClearReport): string[] {
  const kept = keptAccounts ? ['The login accounts were kept, because documents of another seed belong to them.'] : [];
  if (removed === 0) return [`Nothing was removed: the database has no documents of seed ${seed}.`, ...kept];
  return [
    table(['collection', 'removed'], Object.entries(collections)),
    '',
    `${count(removed, 'document')} removed.`,
    ...kept,
  ];
}

function toWhole(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

function toText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty.');
}

function toDay(text: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  // JavaScript reads 31 February as 3 March.
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('Give a day such as 2026-11-25.');
  }
  if (day.getTime() <= Date.now()) return day;
  throw new InvalidArgumentError('That day is in the future.');
}
