import { InvalidArgumentError, type Command } from 'commander';
import { endOf } from '../support/end-signals';
import { SchemaError } from '../support/schema-error';
import { shown } from '../support/display-path';
import { hasLintErrors, isSound, watchMigrations, type RoundReport } from '../watch';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { toSeconds } from './options';
import { roundLines } from './watch-text';

interface Options {
  readonly base?: string;
  readonly once?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('watch')
    .description(
      'Checks the types of the migration, computes its schema, lints it, and runs it up, down and up after the earlier migrations, on a ' +
        'temporary embedded mongod. It does this at the start and at each save, until Ctrl-C (exit code 0). With --once, the exit code is ' +
        '0 without problems, 2 if lint finds errors, and 1 for any other problem.',
    )
    .argument(
      '[name]',
      'watch only this migration (default: the newest that is not merged, then each one that you save)',
    )
    .option('--once', 'run one round, and exit with its result')
    .option('--base <ref>', 'the branch that migrations are merged to (default: origin/main, else main)')
    .option('--limit <seconds>', 'the time limit of a step; a step that takes longer is stopped', toLimit, 20)
    .option('--json', 'print one line of JSON for each round')
    .addHelpText('after', '\nExamples:\n  $ npm run watch\n  $ npm run watch -- add-comments --once --json')
    .action((name: string | undefined, options: Options) => runWatch(context, name, options));
}

async function runWatch(context: Context, name: string | undefined, options: Options): Promise<void> {
  refuseCompiled('cannot watch migrations', 'watch NAME');
  const { once = false, json = false } = options;
  const { migrations, project } = context.folders;
  const controller = new AbortController();
  const ended = endOf();
  void ended.promise.then(() => {
    controller.abort();
  });
  try {
    if (!once) context.progress(`Watching ${shown(migrations)}. Press Ctrl-C to stop.`);
    const last = await watchMigrations({
      migrations,
      project,
      name,
      base: options.base,
      env: context.env,
      limit: options.limit * 1000,
      isOnce: once,
      signal: controller.signal,
      onReport: (report) => {
        print(context, report, json);
      },
      onNotice: (line) => {
        context.progress(line);
      },
      onLine: (line) => {
        context.progress(`  | ${line}`);
      },
      during: (what, work) => busy(context, what, work),
    });
    if (once) context.exitCode = exitCodeOfRound(last);
  } finally {
    ended.forget();
  }
}

function print(context: Context, report: RoundReport, json: boolean): void {
  if (json) context.printLine(report);
  else context.write(`${roundLines(report, context).join('\n')}\n`);
}

/** @throws error with code `ABORTED` when the round was interrupted */
function exitCodeOfRound(report: RoundReport | undefined): number {
  if (report === undefined) throw new SchemaError('ABORTED', 'The round was interrupted');
  if (!isSound(report)) return exitCodes.failed;
  return hasLintErrors(report.trial) ? exitCodes.difference : exitCodes.ok;
}

function toLimit(text: string): number {
  const seconds = toSeconds(text);
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError('Give a number of seconds above 0.');
}
