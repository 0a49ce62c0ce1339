import type { Command } from 'commander';
import { describeFinding, type PlannedChange, type PlannedMigration } from '../deploy';
import { plan, type PlanReport } from '../review';
import { describeChange } from '../schema';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { count, duration, print, table } from './output';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly to?: string;
  readonly resume?: boolean;
  readonly adopt?: boolean;
}

export function registerPlan(program: Command): void {
  withCommonOptions(program.command('plan'))
    .summary('show what a deploy would do now')
    .description(
      'Shows every pending change, and what the live data would make of it. Writes nothing. Ends 2 when something is pending.',
    )
    .option('--to <migration>', 'the last one to apply')
    .option('--resume', 'as if deploy were told to apply again what is half rolled back')
    .option('--adopt', 'although the database holds collections and no changelog')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- plan\n  $ npm run --silent schema -- plan --json')
    .action(runPlan);
}

async function runPlan(options: Options): Promise<void> {
  await withTarget('plan', options, async ({ server, ...target }) => {
    const report = await plan({ ...options, ...target });
    print({ server, ...report }, describe(report), options);
    if (report.pending.length > 0) process.exitCode = exitCodes.difference;
  });
}

function describe({ pending, left, lint, milliseconds, ...report }: PlanReport): string[] {
  if (pending.length === 0) return ['Nothing is pending.'];
  return [
    ...pending.flatMap(describeMigration),
    // A rule may find the same in several places of one migration.
    ...new Set(
      lint.findings.map(({ code, severity, migration, message }) => `${severity} ${code} ${migration}: ${message}`),
    ),
    ...(lint.findings.length > 0 ? [''] : []),
    ...describeCounts(report),
    '',
    `${count(pending.length, 'migration')} pending${left.length > 0 ? `, ${left.length} left for later` : ''}; looked for ${duration(milliseconds)}, and wrote nothing.`,
  ];
}

function describeCounts({ before, after, obstacle = '' }: Pick<PlanReport, 'before' | 'after' | 'obstacle'>): string[] {
  if (!before || !after) return [`The migrations do not fit each other, so nothing is counted: ${obstacle}`];
  const { documents: _before, ...from } = before;
  const { documents: _after, ...to } = after;
  return [
    table(
      ['', 'now', 'then'],
      Object.entries(from).map(([name, number]) => [name, number, to[name as keyof typeof to]]),
    ),
  ];
}

function describeMigration({ name, changes, dataSteps }: PlannedMigration): string[] {
  return [name, ...changes.flatMap(describePlanned), ...dataSteps.map((step) => `  run      ${step}`), ''];
}

function describePlanned({ change, verdict, findings, isCheckedLater }: PlannedChange): string[] {
  return [
    `  ${verdict.padEnd(7)}  ${describeChange(change)}`,
    ...findings.map(
      (finding) => `    ${labelOf(finding)}: ${describeFinding(finding)}, ${duration(finding.milliseconds)}`,
    ),
    ...(isCheckedLater ? ['    checked later: an earlier pending migration writes to this collection'] : []),
  ];
}

function labelOf({ blocks, kind }: PlannedChange['findings'][number]): string {
  if (!blocks) return 'note';
  return kind === 'documents to lose' ? 'BLOCKS unless deploy is told --allow-data-loss' : 'BLOCKS';
}
