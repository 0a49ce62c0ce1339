import type { Command } from 'commander';
import { describeDrift, drift } from '../review';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { print } from './output';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly strict?: boolean;
}

export function registerDrift(program: Command): void {
  withCommonOptions(program.command('drift'))
    .summary('show what somebody changed by hand')
    .description(
      'Compares the database with the migrations that its own changelog names, in both directions. Writes nothing; the role ' +
        '`read` is enough. Ends 0 without drift, 2 with some. Notices alone (an equal index under another name, a view) end 0.',
    )
    .option('--strict', 'end 2 for notices too')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- drift\n  $ npm run --silent schema -- drift --json')
    .action(runDrift);
}

async function runDrift(options: Options): Promise<void> {
  await withTarget('drift', options, async ({ server, ...target }) => {
    const report = await drift(target);
    print({ server, ...report }, describeDrift(report), options);
    if (report.drift + (options.strict ? report.notices : 0) > 0) process.exitCode = exitCodes.difference;
  });
}
