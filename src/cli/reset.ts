import type { Command } from 'commander';
import { reset } from '../deploy';
import { busy } from './busy';
import type { Context } from './context';
import { refuseUnnamedElsewhere } from './named';
import { withOperateTarget } from './operate-target';
import { withCommonOptions, type CommonOptions } from './options';
import { count } from './output';

interface Options extends CommonOptions {
  readonly database?: string;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('reset'))
    .description(
      'Drops the database: every document, and the history of the migrations. Name the database if the server is not on this machine, ' +
        'or if the database has collections that no migration makes.',
    )
    .option('--database <name>', 'the database; required when this may be the wrong database')
    .addHelpText(
      'after',
      `\nExamples:\n  $ npm run schema -- reset --embedded\n  $ npm run schema -- reset --database ${context.product.defaultDatabase}`,
    )
    .action((options: Options) => runReset(context, options));
}

async function runReset(context: Context, options: Options): Promise<void> {
  const { embedded = false, database } = options;
  await withOperateTarget(
    context,
    'reset',
    { embedded, ...(database !== undefined && { database }) },
    async (target) => {
      await refuseUnnamedElsewhere(context, 'reset', target, database);
      const { server, verifyUrl: _, ...where } = target;
      const report = await busy(context, 'dropping the database', () =>
        reset({ ...where, isNamed: database !== undefined }),
      );
      const what = count(report.dropped.length, 'collection');
      const lines = [`Dropped ${report.database}, with ${what}. \`npm run deploy\` creates it again.`];
      context.print({ server, ...report }, lines, options);
    },
  );
}
