import type { Command } from 'commander';
import { status } from '../deploy';
import { describeHolder, isBroken, type MigrationStatus } from '../history';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { duration, print, table } from './output';
import { withTarget } from './target';

export function registerStatus(program: Command): void {
  withCommonOptions(program.command('status'))
    .summary('show every migration and how it stands')
    .description(
      'Shows every migration. Ends 0 when all are applied, 2 when some are pending, 4 when the history is broken.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- status --embedded\n  $ npm run --silent schema -- status --json',
    )
    .action(runStatus);
}

async function runStatus(options: CommonOptions): Promise<void> {
  await withTarget('status', options, async ({ server, ...target }) => {
    const report = await status(target);
    const lines = [
      table(['migration', 'state', 'applied', 'by', 'took'], report.migrations.map(row)),
      ...(report.holder ? ['', `At work: ${describeHolder(report.holder)}.`] : []),
      ...(report.migrations.some(isBroken) ? ['', '`deploy --dry-run` says what is wrong, and the way out.'] : []),
    ];
    print({ server, ...report }, lines, options);
    if (report.broken > 0) process.exitCode = exitCodes.historyBroken;
    else if (report.pending > 0) process.exitCode = exitCodes.difference;
  });
}

function row({ name, state, appliedAt, applied, failure }: MigrationStatus): string[] {
  const who = applied ?? failure;
  return [
    name,
    state,
    appliedAt?.toISOString() ?? '',
    who ? `${who.user}@${who.host}` : '',
    applied?.milliseconds === undefined ? '' : duration(applied.milliseconds),
  ];
}
