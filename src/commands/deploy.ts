import type { Command } from 'commander';
import { readConfig } from '../config';
import { deploy, pendingMigrations, type DeployReport } from '../deploy';
import { exitCodes } from './exit-codes';
import { collect, inMilliseconds, toSeconds, withLeaseOptions, type LeaseOptions } from './options';
import { count, print, table } from './output';
import { reporter } from './run-events';
import { stoppable } from './signals';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly to?: string;
  /** Seconds. */
  readonly wait: number;
  readonly dryRun?: boolean;
  readonly resume?: boolean;
  readonly adopt?: boolean;
  readonly strict?: boolean;
  readonly allowDataLoss: readonly string[];
}

export function registerDeploy(program: Command): void {
  withLeaseOptions(program.command('deploy'))
    .summary('apply what is pending')
    .description('Applies the pending migrations, in order, under the lease, and records each in the changelog.')
    .option('--to <migration>', 'the last one to apply')
    .option('--wait <seconds>', 'how long to wait until the server can be reached and accepts the login', toSeconds, 0)
    .option('--dry-run', 'write nothing; end 2 when something is pending')
    .option('--resume', 'apply again what is half rolled back')
    .option('--adopt', 'go on although the database holds collections and no changelog')
    .option('--allow-data-loss <migration>', 'let this one drop collections that hold documents', collect, [])
    .option('--strict', 'fail when the database differs where this run changed nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run deploy\n  $ npm run schema -- deploy --dry-run --json\n  $ schema deploy --wait 60',
    )
    .action(runDeploy);
}

async function runDeploy(options: Options): Promise<void> {
  await withTarget('deploy', options, async ({ server, ...target }) => {
    if (options.dryRun) {
      const pending = await pendingMigrations({ ...options, ...inMilliseconds(options), ...target });
      const lines = pending.length === 0 ? ['Nothing is pending.'] : pending.map((name) => `pending  ${name}`);
      print({ server, pending }, lines, options);
      if (pending.length > 0) process.exitCode = exitCodes.difference;
      return;
    }
    const allowDataLoss = [...readConfig().allowDataLoss, ...options.allowDataLoss];
    const report = await stoppable((signal) =>
      deploy({ ...options, ...inMilliseconds(options), ...target, allowDataLoss, signal, onEvent: reporter(options) }),
    );
    print({ server, ...report }, summaryLines(report), options);
  });
}

function summaryLines({ applied, left, schema }: DeployReport): string[] {
  const { documents, ...counts } = schema;
  return [
    applied.length === 0 ? 'Nothing is pending.' : `${count(applied.length, 'migration')} applied.`,
    ...(left.length > 0 ? [`${count(left.length, 'migration')} left: ${left.join(', ')}`] : []),
    '',
    table(['there is now', 'count'], Object.entries({ ...counts, ...documents })),
  ];
}
