import type { Command } from 'commander';
import { planRollback, rollbackOf, type PlannedRollback, type RollbackPlan } from '../deploy';
import { toWire } from '../schema';
import { SchemaError } from '../support/schema-error';
import { busy } from './busy';
import { confirmByTyping, refuseUnasked } from './confirm';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { collect, inMilliseconds, toCount, withLeaseOptions, type LeaseOptions } from './options';
import { count } from './output';
import { describeMigration } from './plan-text';
import { reported } from './run-events';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly to?: string;
  readonly steps?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly allowDataLoss: readonly string[];
}

export function register(program: Command, context: Context): void {
  withLeaseOptions(program.command('rollback'))
    .description(
      'Rolls migrations back, the last applied one first. If a migration failed halfway, it is rolled back first. ' +
        'Asks before it begins. Without a terminal, --yes is required.',
    )
    .option('--to <migration>', 'roll back to this migration, which stays applied')
    .option('--steps <number>', 'how many migrations to roll back', toCount)
    .option('--dry-run', 'write nothing; exit with 2 if a migration would be rolled back')
    .option('--yes', 'do not ask before the rollback')
    .option(
      '--allow-data-loss <migration>',
      'allow this migration to delete documents or values of fields',
      collect,
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- rollback --steps 1 --dry-run\n  $ npm run schema -- rollback --to ttls --yes',
    )
    .action((options: Options) => runRollback(context, options));
}

async function runRollback(context: Context, options: Options): Promise<void> {
  const allowDataLoss = [...context.config.allowDataLoss, ...options.allowDataLoss];
  const refuse = () => {
    if (!options.yes && !options.dryRun) refuseUnasked(context, 'whether to roll back');
  };
  await withTarget(context, 'rollback', { ...options, refuse }, async ({ server, ...target }) => {
    const all = { ...options, ...inMilliseconds(options), ...target, allowDataLoss };
    const plan =
      options.yes && !options.dryRun
        ? undefined
        : await busy(context, 'looking at the database', () => planRollback(all));
    if (plan && options.dryRun) {
      context.print({ server, ...inWireForm(plan) }, describe(plan), options);
      if (plan.toRollBack.length > 0) context.exitCode = exitCodes.difference;
      return;
    }
    if (plan) await confirm(context, plan, server.database);
    const report = await reported(context, options, (signals) =>
      rollbackOf(
        { ...all, ...signals },
        plan?.toRollBack.map(({ name }) => name),
      ),
    );
    const lines = [
      `${count(report.rolledBack.length, 'migration')} rolled back, ${report.applied.length} still applied.`,
    ];
    context.print({ server, ...report }, lines, options);
  });
}

/** @throws error with code `ABORTED` when the person does not agree. */
async function confirm(context: Context, plan: RollbackPlan, database: string): Promise<void> {
  if (plan.toRollBack.length === 0) return;
  for (const line of describe(plan)) context.progress(line);
  const isConfirmed = await confirmByTyping(context, {
    doing: 'whether to roll back',
    question: 'Type the name of the database to roll them back: ',
    answer: database,
  });
  if (isConfirmed) return;
  throw new SchemaError('ABORTED', 'Nothing was rolled back', { why: 'the rollback was not confirmed' });
}

/** Prepares the plan for JSON: `toWire` converts the changes. */
function inWireForm({ toRollBack, applied }: RollbackPlan) {
  return {
    toRollBack: toRollBack.map((migration) => ({
      ...migration,
      changes: migration.changes.map((planned) => ({ ...planned, change: toWire(planned.change) })),
    })),
    applied,
  };
}

function describe({ toRollBack, applied }: RollbackPlan): string[] {
  if (toRollBack.length === 0) return ['There is nothing to roll back.'];
  return [
    ...toRollBack.flatMap(describeOne),
    `${count(toRollBack.length, 'migration')} to roll back; ${applied.length} stay applied.`,
  ];
}

function describeOne(migration: PlannedRollback): string[] {
  const [name = '', ...lines] = describeMigration(migration, { verb: 'rollback' });
  return [
    migration.isUnfinished ? `${name}, which failed halfway` : name,
    ...migration.obstacles.map((reason) => `  CANNOT BE UNDONE  ${reason}`),
    ...lines,
  ];
}
