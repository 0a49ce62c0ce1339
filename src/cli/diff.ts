import { Option, type Command } from 'commander';
import { comparePoints, diffFormats, pointWords, type DiffFormat } from '../review';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly format: DiffFormat;
  readonly exitCode?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('diff'))
    .description(
      'Shows the changes between two schemas. Each schema is given as `empty`, as a migration (its name, or a unique part of the name), ' +
        'as `head` (the schema after the newest migration), or as `live` (the schema of the database). Only `live` needs a server. ' +
        'Exit code 0, unless --exit-code is given.',
    )
    .argument('<from>', 'the first schema')
    .argument('[to]', 'the second schema', 'head')
    .addOption(new Option('--format <format>', 'the output format').choices(Object.keys(diffFormats)).default('text'))
    .option('--exit-code', 'exit with 2 if the two schemas differ')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- diff empty ttls\n  $ npm run schema -- diff ttls head --format markdown\n  $ npm run schema -- diff live head --exit-code',
    )
    .action((from: string, to: string, options: Options) => runDiff(context, from, to, options));
}

async function runDiff(context: Context, from: string, to: string, options: Options): Promise<void> {
  const { migrations: folder } = context.folders;
  const isLive = [from, to].some((point) => point === pointWords.live);
  const report = await busy(context, 'comparing', () =>
    isLive
      ? withTarget(context, 'diff', options, (target) => comparePoints(from, to, { folder, target }))
      : comparePoints(from, to, { folder }),
  );
  context.write(diffFormats[options.json ? 'json' : options.format](report));
  if (options.exitCode && report.changes.length > 0) context.exitCode = exitCodes.difference;
}
