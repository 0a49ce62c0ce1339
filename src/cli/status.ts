import type { Command } from 'commander';
import { renameCommand } from '../schema';
import { status, type StatusReport, type UnfinishedDrop } from '../deploy/status';
import {
  describeAcceptedAsMissing,
  describeFailure,
  describeHolder,
  isAcceptedAsMissing,
  isBroken,
  type MigrationStatus,
} from '../history';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { duration, table } from './output';
import { paceLine } from './pace';
import { withTarget } from './target';

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('status'))
    .description(
      'Shows the state of every migration, and the progress of running index builds and backfills. Exit code 0 if all are applied, 2 if some are pending, 4 if the history is broken.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- status --embedded\n  $ npm run --silent schema -- status --json',
    )
    .action((options: CommonOptions) => runStatus(context, options));
}

async function runStatus(context: Context, options: CommonOptions): Promise<void> {
  await withTarget(context, 'status', options, async ({ server, ...target }) => {
    const report = await busy(context, 'reading the history', () => status(target));
    const lines = [
      table(['migration', 'state', 'applied', 'by', 'took'], report.migrations.map(row), context.columns),
      ...(report.holder ? ['', `A run holds the lease: ${describeHolder(report.holder)}.`] : []),
      ...report.migrations.flatMap(describeRunning),
      ...describeWork(report),
      ...report.migrations.flatMap(describeUnsuccessful),
      ...report.migrations.filter(isAcceptedAsMissing).flatMap((one) => ['', `${describeAcceptedAsMissing(one)}.`]),
      ...report.unfinishedDrops.flatMap(describeUnfinishedDrop),
      ...describeRestore(report),
      ...(report.migrations.some(isBroken)
        ? ['', '`deploy --dry-run` shows what is wrong with the history, and how to fix it.']
        : []),
    ];
    context.print({ server, ...report }, lines, options);
    if (report.broken > 0 || report.unfinishedRestore) context.exitCode = exitCodes.historyBroken;
    else if (report.pending > 0) context.exitCode = exitCodes.difference;
  });
}

function describeRunning({ name, state, failure }: MigrationStatus): string[] {
  if (state !== 'running' || !failure) return [];
  const { direction = 'up', user, host, pid, at } = failure;
  return ['', `${name} is running (${direction}): by ${user} on ${host} (pid ${pid}), since ${at.toISOString()}.`];
}

/** Describes running work and its progress. */
function describeWork({ running, indexBuildsUnknown, holder }: StatusReport): string[] {
  // Do not mention this when no run holds the lease: then nobody waits for an index build.
  const isWorthSaying = indexBuildsUnknown !== undefined && holder !== undefined;
  return [
    ...running.flatMap((work) => ['', paceLine(work, { rate: work.perSecond ?? 0 })]),
    ...(isWorthSaying ? ['', `The progress of index builds is unknown: ${indexBuildsUnknown}.`] : []),
  ];
}

/** Returns the lines below the table that explain why the last attempt at a migration failed. */
function describeUnsuccessful({ name, failure }: MigrationStatus): string[] {
  const why = failure?.failure ? describeFailure(failure.failure) : failure?.error;
  return failure === undefined || why === undefined ? [] : ['', `${name} ${failure.type}: ${why}`];
}

function describeUnfinishedDrop({ collection, state, commands }: UnfinishedDrop): string[] {
  const problem = state === 'closed' ? 'is closed for writes' : 'was renamed';
  // There are two commands while the collection is closed for writes; the second one opens it again.
  const isOpen = state === 'set aside' && commands.length === 1;
  return [
    '',
    `The collection ${collection} ${problem}. It is being dropped, or its drop was interrupted.`,
    isOpen
      ? 'No run restores this collection, because it accepts writes: a command may have arrived late. To restore it by hand, in mongosh:'
      : 'Run the same command again (`deploy` or `rollback`) to finish the drop. To restore the collection by hand, in mongosh:',
    ...commands.map((command) => `  ${command}`),
  ];
}

function describeRestore({ unfinishedRestore, leftByRestore }: StatusReport): string[] {
  if (unfinishedRestore) {
    const { what, fix } = unfinishedRestore;
    return ['', what, `${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`];
  }
  if (leftByRestore.length === 0) return [];
  return [
    '',
    `A restore is running, or left these collections: ${leftByRestore.join(', ')}.`,
    'If no restore is running, `restore --undo` removes them. If a collection still remains, a command that arrived late renamed it. To restore it, in mongosh:',
    `  ${renameCommand('replaced_NAME', 'NAME')}`,
  ];
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
