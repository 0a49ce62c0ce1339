import type { Command } from 'commander';
import { redo } from '../deploy';
import { mergedMigrations } from '../review';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { refuseUnnamedElsewhere } from './named';
import { withOperateTarget } from './operate-target';
import { collect, inMilliseconds, withLeaseOptions, type LeaseOptions } from './options';
import { reported } from './run-events';

interface Options extends LeaseOptions {
  readonly migration?: string;
  readonly base?: string;
  readonly database?: string;
  readonly allowDataLoss: readonly string[];
}

export function register(program: Command, context: Context): void {
  withLeaseOptions(program.command('redo'))
    .description(
      'Rolls back the newest applied migration that is not merged, and applies it again from its file. The rollback undoes the migration ' +
        'as it was applied, so you may edit the file before. A migration that failed halfway can be redone only if its text is unchanged. ' +
        'If the server is not on this machine, name the database.',
    )
    .option('--migration <name>', 'another migration that is not merged')
    .option('--base <ref>', 'the branch that migrations are merged to (default: origin/main, else main)')
    .option('--database <name>', 'the database; required when the server is not on this machine')
    .option(
      '--allow-data-loss <migration>',
      'allow this migration to delete documents or values of fields',
      collect,
      [],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- redo --embedded\n  $ npm run schema -- redo --migration add-comments --base origin/main',
    )
    .action((options: Options) => runRedo(context, options));
}

async function runRedo(context: Context, options: Options): Promise<void> {
  // The compiled program has only released migrations, but `redo` is for migrations in development.
  refuseCompiled('cannot redo a migration', 'redo');
  const { names: merged, base } = await mergedMigrations(context.folders.migrations, options.base);
  const allowDataLoss = [...context.config.allowDataLoss, ...options.allowDataLoss];
  const { embedded = false, database } = options;
  await withOperateTarget(
    context,
    'redo',
    { embedded, ...(database !== undefined && { database }) },
    async (target) => {
      await refuseUnnamedElsewhere(context, 'redo', target, database);
      if (base === undefined)
        context.progress('notice: there is no branch to compare with, so every migration counts as not merged');
      const { server, verifyUrl: _, ...where } = target;
      const report = await reported(context, options, (signals) =>
        redo({ ...options, ...inMilliseconds(options), ...where, merged, allowDataLoss, ...signals }),
      );
      const how = report.wasEdited
        ? 'rolled back in its applied version, and applied in its edited version'
        : 'rolled back and applied again';
      context.print(
        { server, ...(base !== undefined && { base }), ...report },
        [`${report.migration}: ${report.wasUnfinished ? 'what it had done was taken back, and it is applied' : how}.`],
        options,
      );
    },
  );
}
