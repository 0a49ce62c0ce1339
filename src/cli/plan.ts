import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { BSON } from 'mongodb';
import type * as Merged from '../review/merged';
import { planWith, type PlanReport } from '../review/plan';
import type * as PlanPending from '../review/plan-pending';
import { toWire } from '../schema';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import type * as PlanText from './plan-text';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly to?: string;
  readonly resume?: boolean;
  readonly adopt?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('plan'))
    .description(
      'Shows every pending change, its effect on the live data, and how long index builds and backfills will take. Writes nothing. ' +
        'Exit code 2 if migrations are pending.',
    )
    .option('--to <migration>', 'the last migration to apply')
    .option('--resume', 'plan what `deploy --resume` would apply: also migrations whose rollback failed halfway')
    .option('--adopt', 'plan although the database has collections and no changelog')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- plan\n  $ npm run --silent schema -- plan --json')
    .action((options: Options) => runPlan(context, options));
}

async function runPlan(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'plan', options, async ({ server, ...target }) => {
    const released = () => loadMerged().releasedMigrations(target.folder);
    const report = await busy(context, 'looking at the database', () =>
      planWith(loadPlanPending, {
        ...options,
        ...target,
        released,
        // Loaded only if migrations are pending.
        get queries() {
          return context.product.queries;
        },
      }),
    );
    const isNothingPending = report.pending.length === 0;
    context.print(
      { server, ...inWireForm(report) },
      isNothingPending ? ['Nothing is pending.'] : loadText().describePlan(report),
      options,
    );
    if (report.pending.length > 0) context.exitCode = exitCodes.difference;
  });
}

/** Prepares the report for JSON: `toWire` converts the changes, and updates become Extended JSON. */
function inWireForm(report: PlanReport) {
  const pending = report.pending.map((migration) => ({
    ...migration,
    changes: migration.changes.map((planned) => ({ ...planned, change: toWire(planned.change) })),
    dataSteps: migration.dataSteps.map((step) => ({
      ...step,
      ...(step.update && { update: BSON.EJSON.serialize(step.update) }),
    })),
  }));
  return { ...report, pending, schemaChanges: report.schemaChanges.map((change) => toWire(change)) };
}

// These files are loaded late: they are needed only if migrations are pending.
const requireHere = createRequire(__filename);

function loadText(): typeof PlanText {
  return requireHere('./plan-text') as typeof PlanText;
}

function loadMerged(): typeof Merged {
  return requireHere('../review/merged') as typeof Merged;
}

function loadPlanPending(): typeof PlanPending.planPending {
  return (requireHere('../review/plan-pending') as typeof PlanPending).planPending;
}
