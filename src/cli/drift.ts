import type { Command } from 'commander';
import { describeDrift, drift } from '../review/drift';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly strict?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('drift'))
    .description(
      'Compares the database with the migrations in its changelog: shows what is missing, extra or different. Writes nothing; the role ' +
        '`read` is enough. Exit code 0 without drift, 2 with drift. Notices alone (the same index under another name, a time series) do not count as drift.',
    )
    .option('--strict', 'also exit with 2 if there are only notices')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- drift\n  $ npm run --silent schema -- drift --json')
    .action((options: Options) => runDrift(context, options));
}

async function runDrift(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'drift', options, async ({ server, ...target }) => {
    const report = await busy(context, 'comparing the database', () => drift(target));
    context.print({ server, ...report }, describeDrift(report), options);
    if (report.drift + (options.strict ? report.notices : 0) > 0) context.exitCode = exitCodes.difference;
  });
}
