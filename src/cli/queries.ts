import { Option, type Command } from 'commander';
import { adviseNewIndexes } from '../author';
import { openProject } from '../project';
import { slowByProfiler, slowInLog, slowInProfile, type SlowQueriesOptions, type SlowQueriesReport } from '../queries';
import { humanSeconds } from '../support/counts';
import { busy } from './busy';
import type { Context } from './context';
import { toCount, toMilliseconds, toSpan, withCommonOptions, type CommonOptions } from './options';
import { describeSlow } from './queries-text';
import { stoppable } from './signals';
import { readTargetConfig, withTarget } from './target';

interface Options extends CommonOptions {
  /** In seconds. */
  readonly for?: number;
  readonly slowMs?: number;
  readonly profile?: boolean;
  readonly log?: string;
  readonly top: number;
}

/** The default of `--slow-ms` with `--for`, in milliseconds. The default is not 0, because recording every query would be too much. */
const usuallySlow = 50;

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('queries'))
    .description(
      'Groups slow queries by their shape: collection, operation, filter and sort, without values. Shows for each shape how often and how long it ran, ' +
        'how much it examined, and the index that serves it, or an index that would serve it. By default, it reads what the profiler has recorded (system.profile). ' +
        'With --for, it turns the profiler on for a limited time, then restores its settings: this needs the privilege enableProfiler. ' +
        'With --log, it reads a log file of mongod, without a server. Exit code 0.',
    )
    .addOption(new Option('--profile', 'read what the profiler has recorded (the default)').conflicts(['for', 'log']))
    .addOption(
      new Option('--for <time>', 'turn the profiler on for this time, such as 60s or 5m; Ctrl-C turns it off earlier')
        .argParser(toSpan)
        .conflicts('log'),
    )
    .option('--log <file>', 'read a log file of mongod, also compressed (.gz); - for stdin')
    .option(
      '--slow-ms <milliseconds>',
      'count queries that took this long or longer (default: 50 with --for, else 0)',
      toMilliseconds,
    )
    .option('--top <number>', 'the number of shapes to show', toCount, 20)
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- queries\n  $ npm run schema -- queries --for 60s --slow-ms 50\n' +
        '  $ npm run schema -- queries --log /var/log/mongodb/mongod.log\n  $ docker compose logs --no-log-prefix mongodb | npm run schema -- queries --log -\n' +
        '  $ npm run --silent schema -- queries --json',
    )
    .action((options: Options) => runQueries(context, options));
}

async function runQueries(context: Context, options: Options): Promise<void> {
  const { for: seconds, log, top, slowMs = seconds === undefined ? 0 : usuallySlow } = options;
  const { queries } = context.product;
  const folder = context.folders.migrations;
  const load = (changelog?: string): SlowQueriesOptions => {
    return { migrations: openProject(folder, changelog).load(), queries, top, slowMs };
  };
  if (log !== undefined) {
    const { database, changelog } = readTargetConfig(context, {});
    const source = { file: log, stdin: context.io.stdin, database, changelog };
    const report = await busy(context, 'reading the log', () => slowInLog(source, load(changelog)));
    await show(context, { database }, report, options);
    return;
  }
  await withTarget(context, 'queries', options, async ({ server, ...target }) => {
    const given = load(target.changelog);
    const report =
      seconds === undefined
        ? await busy(context, 'reading the profile', () => slowInProfile(target, given))
        : await stoppable(context, (signal) => {
            const onOpen = (host: string) => {
              context.progress(`the profiler of ${server.database} is on at ${host} for ${humanSeconds(seconds)}`);
            };
            return busy(context, 'waiting for slow queries', () =>
              slowByProfiler({ ...given, seconds, signal, onOpen }, target),
            );
          });
    await show(context, { server }, report, options);
  });
}

async function show(
  context: Context,
  where: { readonly server?: unknown; readonly database?: string },
  report: SlowQueriesReport,
  options: Options,
): Promise<void> {
  const advice = await adviseNewIndexes(report.wanted, context.folders.migrations);
  context.print({ ...where, ...report, advice }, describeSlow(report, advice, context.columns), options);
}
