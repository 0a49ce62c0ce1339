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
      'Takes the newest applied migration that is not merged down, as it was applied, and up, as its file says now: also after it was ' +
        'edited, and, with its text as it was, after it failed halfway. It is for a server of this machine; on any other one the database has to be named.',
    )
    .option('--migration <name>', 'another one that is not merged')
    .option('--base <ref>', 'where migrations are merged to (default: origin/main, else main)')
    .option('--database <name>', 'the database; has to be named where the server is not on this machine')
    .option('--allow-data-loss <migration>', 'let this one delete documents, or values of fields', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- redo --embedded\n  $ npm run schema -- redo --migration add-comments --base origin/main',
    )
    .action((options: Options) => runRedo(context, options));
}

async function runRedo(context: Context, options: Options): Promise<void> {
  // It has released ones alone.
  refuseCompiled('takes no migration that is being worked on', 'redo');
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
        context.progress('notice: no branch tells what is merged, so every migration counts as new');
      const { server, verifyUrl: _, ...where } = target;
      const report = await reported(context, options, (signals) =>
        redo({ ...options, ...inMilliseconds(options), ...where, merged, allowDataLoss, ...signals }),
      );
      const how = report.wasEdited ? 'down as it was applied, and up as it is now' : 'down and up again';
      context.print(
        { server, ...(base !== undefined && { base }), ...report },
        [`${report.migration}: ${report.wasUnfinished ? 'what it had done was taken back, and it is applied' : how}.`],
        options,
      );
    },
  );
}
