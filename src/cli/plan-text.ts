import {
  describeFinding,
  describeForecast,
  isLoss,
  takesLong,
  type Forecast,
  type PlannedChange,
  type PlannedMigration,
} from '../deploy';
import type { PendingLoss } from '../indexes';
import { describeLoss, isLostBy, type PlanReport } from '../review';
import { describeChange } from '../schema';
import { inOneLine } from '../support/exact-bson';
import { count, duration, table } from './output';

/** Describes pending migrations for people. */
export function describePlan({
  pending,
  left,
  lint,
  indexLosses,
  forecasts,
  milliseconds,
  ...report
}: PlanReport): string[] {
  return [
    ...pending.flatMap((migration) => describeMigration(migration, { losses: indexLosses, forecasts })),
    // Print each text once: a rule may report the same text for several places of one migration.
    ...new Set(
      lint.findings.map(({ code, severity, migration, message }) => `${severity} ${code} ${migration}: ${message}`),
    ),
    ...(lint.findings.length > 0 ? [''] : []),
    ...describeCounts(report),
    '',
    `${count(pending.length, 'migration')} pending${left.length > 0 ? `, ${left.length} left for later` : ''}; checked in ${duration(milliseconds)}, nothing was written.`,
  ];
}

function describeCounts({ before, after, obstacle = '' }: Pick<PlanReport, 'before' | 'after' | 'obstacle'>): string[] {
  if (!before || !after) return [`A migration does not fit the schema before it, so no totals are shown: ${obstacle}`];
  const { documents: _before, ...from } = before;
  const { documents: _after, ...to } = after;
  return [
    table(
      ['', 'now', 'then'],
      Object.entries(from).map(([name, number]) => [name, number, to[name as keyof typeof to]]),
    ),
  ];
}

/**
 * Describes a migration as `plan` shows it.
 * @param verb the command that would run the migration
 */
export function describeMigration(
  { name, isPlain, changes, dataSteps, dataFindings }: PlannedMigration,
  {
    verb = 'deploy',
    losses = [],
    forecasts = [],
  }: {
    readonly verb?: 'deploy' | 'rollback';
    readonly losses?: readonly PendingLoss[];
    readonly forecasts?: readonly Forecast[];
  } = {},
): string[] {
  const mine = losses.filter(({ migration }) => migration === name);
  return [
    name,
    ...changes.flatMap((planned) => [...describePlanned(planned, verb), ...describeLossBy(planned, mine)]),
    ...(isPlain
      ? [`  not planned: it is a plain migration, and its \`${verb === 'deploy' ? 'up' : 'down'}\` will be run`]
      : dataSteps.flatMap(describeStep)),
    ...dataFindings.map((finding) => describeFound(finding, verb)),
    ...forecasts
      .filter((forecast) => forecast.migration === name && takesLong(forecast))
      .map((forecast) => `  time     ${describeForecast(forecast)}`),
    '',
  ];
}

function describeStep({ what, update, matches }: PlannedMigration['dataSteps'][number]): string[] {
  if (!update) return [`  run      ${what}`];
  const matching = matches === undefined ? 'counted immediately before the step runs' : count(matches, 'document');
  return [
    `  run      ${what}`,
    ...(update.isGenerated
      ? []
      : [
          `    filter   ${inOneLine(update.filter)}`,
          `    update   ${inOneLine(update.update)}${update.once ? '  (each document once)' : ''}`,
        ]),
    `    matches  ${matching}`,
  ];
}

function describePlanned({ change, verdict, findings, isCheckedLater }: PlannedChange, verb: string): string[] {
  const word = verdict === 'pending' && verb === 'rollback' ? 'would' : verdict;
  return [
    `  ${word.padEnd(7)}  ${describeChange(change)}`,
    ...findings.map((finding) => describeFound(finding, verb)),
    ...(isCheckedLater
      ? ['    checked later: an earlier pending migration may write to this collection or rename it']
      : []),
  ];
}

/** Describes which queries lose their index through a change that drops or hides an index. */
function describeLossBy({ change }: PlannedChange, losses: readonly PendingLoss[]): string[] {
  return losses.filter((loss) => isLostBy(change, loss)).map((loss) => `    index: ${describeLoss(loss)}`);
}

type Finding = PlannedChange['findings'][number];

function describeFound(finding: Finding, verb: string): string {
  return `    ${labelOf(finding, verb)}: ${describeFinding(finding)}, ${duration(finding.milliseconds)}`;
}

function labelOf(finding: Finding, verb: string): string {
  if (!finding.blocks) return 'note';
  return isLoss(finding) ? `BLOCKED unless ${verb} gets --allow-data-loss` : 'BLOCKS';
}
