import type { Command } from 'commander';
import { baseline, type BaselineReport, type Difference } from '../deploy';
import type { Context } from './context';
import { inMilliseconds, withLeaseOptions, type LeaseOptions } from './options';
import { count } from './output';
import { reported } from './run-events';
import { withTarget } from './target';

interface Options extends LeaseOptions {
  readonly upTo?: string;
  readonly dryRun?: boolean;
}

export function register(program: Command, context: Context): void {
  withLeaseOptions(program.command('baseline'))
    .description(
      'Marks migrations as applied if the database already has their changes. Goes through them in order, and stops at the first one that does not match.',
    )
    .option('--up-to <migration>', 'the last migration to mark')
    .option('--dry-run', 'write nothing')
    .addHelpText('after', '\nExample:\n  $ npm run schema -- baseline --dry-run')
    .action((options: Options) => runBaseline(context, options));
}

async function runBaseline(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'baseline', options, async ({ server, ...target }) => {
    const report = await reported(context, options, (signals) =>
      baseline({ ...options, ...inMilliseconds(options), ...target, ...signals }),
    );
    context.print({ server, ...report }, describe(report, options.dryRun ?? false), options);
  });
}

function describe(
  { marked, stoppedAt, later = [], notCompared = [], extras }: BaselineReport,
  dryRun: boolean,
): string[] {
  return [
    ...marked.map((name) => {
      const note = notCompared.includes(name) ? '  (plain migration: its changes cannot be compared)' : '';
      return `${dryRun ? 'would mark' : 'marked'}  ${name}${note}`;
    }),
    `${count(marked.length, 'migration')} ${dryRun ? 'would be marked' : 'marked'} as applied.`,
    ...(stoppedAt ? ['', `The database does not match ${stoppedAt.migration}:`] : []),
    ...inLines(stoppedAt?.differences ?? []),
    ...later.flatMap(({ migration, differences }) => [
      '',
      `The database does not match ${migration} either:`,
      ...inLines(differences),
    ]),
    ...(extras.length > 0
      ? ['', `The database also has the following, which these migrations do not make: ${extras.join(', ')}.`]
      : []),
  ];
}

function inLines(differences: readonly Difference[]): string[] {
  return differences.flatMap(({ place, expected, found, commands }) => [
    `  ${place}`,
    `    expected: ${show(expected)}`,
    `    found:    ${show(found)}`,
    ...commands.map((command) => `    mongosh:  ${command}`),
  ]);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
