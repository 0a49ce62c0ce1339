import type { Command } from 'commander';
import { unlock, type UnlockReport } from '../deploy';
import { describeHolder } from '../history';
import { busy } from './busy';
import type { Context } from './context';
import { withCommonOptions, type CommonOptions } from './options';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly force?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('unlock'))
    .description(
      'Shows who holds the lease, when it was last renewed, and when it expires. The lease of a run that died expires ' +
        'within 30 seconds. All times are from the clock of the server.',
    )
    .option('--force', 'clear the lease; a run that still holds it stops before its next write')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- unlock\n  $ npm run schema -- unlock --force')
    .action((options: Options) => runUnlock(context, options));
}

async function runUnlock(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'unlock', options, async ({ server, ...target }) => {
    const report = await busy(context, 'reading the lease', () => unlock({ ...target, force: options.force }));
    context.print({ server, ...report }, describe(report).split('\n'), options);
  });
}

function describe({ holder, isHeld, cleared }: UnlockReport): string {
  if (!holder) return 'Nobody holds the lease.';
  const who = describeHolder(holder);
  if (cleared) return `Cleared the lease of ${who}.`;
  const ends = timeOf(holder.expires_at);
  if (!isHeld) return `The lease expired at ${ends}, so the next run can take it: ${who}.`;
  return [
    `The lease is held by ${who}.`,
    `It was renewed last at ${timeOf(holder.renewed_at)}, and expires at ${ends} unless it is renewed again. --force clears the lease.`,
  ].join('\n');
}

/** Formats a time from the server's clock. */
function timeOf(time: Date | undefined): string {
  return time?.toISOString() ?? 'an unknown time';
}
