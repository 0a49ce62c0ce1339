import { Option, type Command } from 'commander';
import { explain, findRule, formats, lintProject, type Format } from '../review/lint';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { exitCodes } from './exit-codes';

interface Options {
  readonly base?: string;
  readonly explain?: string;
  readonly format: Format;
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('lint')
    .description(
      'Checks every migration against the rules in docs/lint.md; with --base, only new migrations. Exit code 2 if there are errors; ' +
        'warnings do not count. Needs no server.',
    )
    .option(
      '--base <ref>',
      'check only the migrations that this git ref does not have; assume that the collections of this ref hold data',
    )
    .addOption(new Option('--format <format>', 'how to print findings').choices(Object.keys(formats)).default('text'))
    .option('--explain <code>', 'explain the purpose of a rule, and the safe way to make such a change')
    .option('--json', 'print one JSON document, like --format json')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run lint:migrations -- --base origin/main\n  $ npm run lint:migrations -- --explain SM004',
    )
    .action((options: Options) => runLint(context, options));
}

async function runLint(context: Context, { base, explain: code, format, json = false }: Options): Promise<void> {
  if (code !== undefined) {
    const rule = findRule(code);
    context.write(json ? `${JSON.stringify(rule, null, 2)}\n` : explain(rule));
    return;
  }
  if (base !== undefined) refuseCompiled('cannot compare migrations with a branch', 'lint --base REF');
  const report = await busy(context, 'checking migrations', () => lintProject(context.folders, { base }));
  context.write(formats[json ? 'json' : format](report));
  if (report.errors > 0) context.exitCode = exitCodes.difference;
}
