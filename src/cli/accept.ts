import type { Command } from 'commander';
import { accept } from '../deploy';
import type { Context } from './context';
import { inMilliseconds, withLeaseOptions, type LeaseOptions } from './options';
import { reported } from './run-events';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly migration: string;
  readonly reason: string;
}

export function register(program: Command, context: Context): void {
  withLeaseOptions(program.command('accept'))
    .description(
      'Accepts an edited, missing, late or unknown migration as it is. The history records an event with the reason. Nothing else is changed.',
    )
    .requiredOption('--migration <name>', 'the migration')
    .requiredOption('--reason <text>', 'the reason, for people who read the history later')
    .addHelpText('after', '\nExample:\n  $ npm run schema -- accept --migration ttls --reason "a typo in a comment"')
    .action((options: Options) => runAccept(context, options));
}

async function runAccept(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'accept', options, async ({ server, ...target }) => {
    const report = await reported(context, options, (signals) =>
      accept({ ...options, ...inMilliseconds(options), ...target, ...signals }),
    );
    context.print({ server, ...report }, [`Accepted ${report.migration}, which was ${report.was}.`], options);
  });
}
