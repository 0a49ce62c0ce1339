import type { Command } from 'commander';
import { readConfig } from '../config';
import { rollback } from '../deploy';
import { collect, inMilliseconds, toCount, withLeaseOptions, type LeaseOptions } from './options';
import { count, print } from './output';
import { reporter } from './run-events';
import { stoppable } from './signals';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly to?: string;
  readonly steps?: number;
  readonly allowDataLoss: readonly string[];
}

export function registerRollback(program: Command): void {
  withLeaseOptions(program.command('rollback'))
    .summary('undo what was applied last')
    .description('Rolls migrations back, in the reverse of the order in which they were applied.')
    .option('--to <migration>', 'the one to go back to; it stays')
    .option('--steps <number>', 'how many to roll back', toCount)
    .option('--allow-data-loss <migration>', 'let this one drop collections that hold documents', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- rollback --steps 1\n  $ npm run schema -- rollback --to ttls',
    )
    .action(runRollback);
}

async function runRollback(options: Options): Promise<void> {
  const allowDataLoss = [...readConfig().allowDataLoss, ...options.allowDataLoss];
  await withTarget('rollback', options, async ({ server, ...target }) => {
    const report = await stoppable((signal) =>
      rollback({
        ...options,
        ...inMilliseconds(options),
        ...target,
        allowDataLoss,
        signal,
        onEvent: reporter(options),
      }),
    );
    const lines = [
      `${count(report.rolledBack.length, 'migration')} rolled back, ${report.applied.length} still applied.`,
    ];
    print({ server, ...report }, lines, options);
  });
}
