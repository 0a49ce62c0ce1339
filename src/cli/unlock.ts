import type { Command } from 'commander';
import { unlock, type UnlockReport } from '../deploy';
import { describeHolder } from '../history';
import type { Context } from './context';
import { withCommonOptions, type CommonOptions } from './options';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly force?: boolean;
}

export function registerUnlock(program: Command, context: Context): void {
  withCommonOptions(program.command('unlock'))
    .summary('show who holds the lease, or clear it')
    .description('Shows who holds the lease. The lease of a run that died is free by itself within 30 seconds.')
    .option('--force', 'clear it; a run that still holds it stops before its next write')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- unlock\n  $ npm run schema -- unlock --force')
    .action((options: Options) => runUnlock(context, options));
}

async function runUnlock(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'unlock', options, async ({ server, ...target }) => {
    const report = await unlock({ ...target, force: options.force });
    context.print({ server, ...report }, [describe(report)], options);
  });
}

function describe({ holder, isHeld, cleared }: UnlockReport): string {
  if (!holder) return 'Nobody holds the lease.';
  const who = describeHolder(holder);
  if (cleared) return `Cleared the lease of ${who}.`;
  return isHeld
    ? `The lease is held: ${who}. --force clears it.`
    : `The lease has run out, so the next run takes it: ${who}.`;
}
