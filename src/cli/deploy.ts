import { createRequire } from 'node:module';
import type { Command } from 'commander';
import type * as ApplyPending from '../deploy/apply-pending';
import { deployWith, lookAtPending, type DeployReport } from '../deploy/deploy';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { collect, inMilliseconds, toSeconds, withLeaseOptions, type LeaseOptions } from './options';
import { count, table } from './output';
import { reported } from './run-events';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly to?: string;
  /** In seconds. */
  readonly wait: number;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly adopt?: boolean;
  readonly strict?: boolean;
  readonly allowDataLoss: readonly string[];
}

export function register(program: Command, context: Context): void {
  withLeaseOptions(program.command('deploy'))
    .description(
      'Takes the lease, applies the pending migrations in order, and records each one in the changelog. Shows how long index builds and ' +
        'backfills will take, and then their progress.',
    )
    .option('--to <migration>', 'the last migration to apply')
    .option('--wait <seconds>', 'how long to wait until the server can be reached and accepts the login', toSeconds, 0)
    .option('--dry-run', 'write nothing; exit with 2 if migrations are pending')
    .option('--resume', 'if the rollback of a migration failed halfway, apply that migration again')
    .option('--adopt', 'continue although the database has collections and no changelog')
    .option(
      '--allow-data-loss <migration>',
      'allow this migration to delete documents or values of fields',
      collect,
      [],
    )
    .option('--strict', 'also fail if the database differs in places that this run did not change')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run deploy\n  $ npm run schema -- deploy --dry-run --json\n  $ schema deploy --wait 60',
    )
    .action((options: Options) => runDeploy(context, options));
}

async function runDeploy(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'deploy', options, async ({ server, ...target }) => {
    if (options.dryRun) {
      const { pending, plain } = await busy(context, 'reading the history', () =>
        lookAtPending({ ...options, ...inMilliseconds(options), ...target }),
      );
      const lines = pending.map(
        (name) =>
          `pending  ${name}${plain.includes(name) ? '  (plain migration: `plan` cannot show its changes)' : ''}`,
      );
      const result = { server, pending, ...(plain.length > 0 && { plain }) };
      context.print(result, pending.length === 0 ? ['Nothing is pending.'] : lines, options);
      if (pending.length > 0) context.exitCode = exitCodes.difference;
      return;
    }
    const allowDataLoss = [...context.config.allowDataLoss, ...options.allowDataLoss];
    const report = await reported(context, options, (signals) =>
      deployWith(loadApplyPending, {
        ...options,
        ...inMilliseconds(options),
        ...target,
        allowDataLoss,
        ...signals,
      }),
    );
    context.print({ server, ...report }, summaryLines(report), options);
  });
}

function summaryLines({ applied, left, schema }: DeployReport): string[] {
  const { documents, ...counts } = schema;
  return [
    applied.length === 0 ? 'Nothing is pending.' : `${count(applied.length, 'migration')} applied.`,
    ...(left.length > 0 ? [`${count(left.length, 'migration')} left: ${left.join(', ')}`] : []),
    '',
    table(['in the database now', 'count'], Object.entries({ ...counts, ...documents })),
  ];
}

function loadApplyPending(): typeof ApplyPending.applyPending {
  return (createRequire(__filename)('../deploy/apply-pending') as typeof ApplyPending).applyPending;
}
