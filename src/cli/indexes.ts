import type { Command } from 'commander';
import { adviseOn, type IndexAdvice } from '../author';
import { placeText, reportIndexes, unneededIn, type AskedMember, type IndexesReport, type IndexLine } from '../indexes';
import { openProject } from '../project';
import { humanSeconds, size, toTheMinute } from '../support/counts';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { toSpan, withCommonOptions, type CommonOptions } from './options';
import { count, table } from './output';
import { withTarget } from './target';

interface Options extends CommonOptions {
  /** In seconds. */
  readonly window: number;
  readonly failOnUnused?: boolean;
}

const week = 7 * 86_400;

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('indexes'))
    .description(
      'Shows every index except those on _id: its size, how often queries on all members have used it, and since when this is ' +
        'counted. An index that no query has used for the window is unused, unless it is unique or has a TTL. Writes nothing; the ' +
        'user `monitor` of docker/mongo-init.js has enough rights. Exit code 0, unless --fail-on-unused is given.',
    )
    .option('--window <time>', 'call an index unused if no query has used it for this time', toSpan, week)
    .option('--fail-on-unused', 'exit with 2 if an index is unused')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- indexes\n  $ npm run schema -- indexes --window 30d --fail-on-unused\n  $ npm run --silent schema -- indexes --json',
    )
    .action((options: Options) => runIndexes(context, options));
}

async function runIndexes(context: Context, options: Options): Promise<void> {
  const { window, failOnUnused = false } = options;
  await withTarget(context, 'indexes', options, async ({ server, ...target }) => {
    const migrations = openProject(target.folder, target.changelog).load();
    const { queries } = context.product;
    const report = await busy(context, 'reading the usage of the indexes', () =>
      reportIndexes({ target, migrations, queries, window }),
    );
    const unneeded = unneededIn(report).map(({ collection, name, flags }) => {
      return { collection, name, isHidden: flags.includes('hidden') };
    });
    const { advice, madeByHand } = await adviseOn(unneeded, migrations, target.folder);
    const lines = [
      ...describe(report, context.columns),
      ...advice.flatMap(describeAdvice),
      ...(madeByHand.length > 0
        ? ['', `No migration made ${madeByHand.map(placeText).join(', ')}: \`schema drift\` shows how to drop them.`]
        : []),
    ];
    context.print({ server, ...report, advice }, lines, options);
    if (failOnUnused && report.unused > 0) context.exitCode = exitCodes.difference;
  });
}

function describe(report: IndexesReport, columns: number | undefined): string[] {
  const { indexes, members, isWhole, window, unused } = report;
  if (indexes.length === 0) return ['There are no indexes except those on _id.'];
  const waiting = indexes.filter(({ flags }) => flags.includes('not used yet')).length;
  const span = humanSeconds(window);
  return [
    table(['index', 'size', 'ops', 'a day', 'counted since', ''], indexes.map(row), columns),
    '',
    ...indexes.flatMap((line) => describeUnneeded(line, members.length)),
    ...members.flatMap(describeMember),
    ...(isWhole ? [] : ['Some members did not report how they use the indexes, so no index is called unused.']),
    `${indexes.length} indexes, ${unused} unused for ${span}${waiting > 0 ? `; ${waiting} not used yet, but counted for a shorter time` : ''}.`,
  ];
}

/** Describes why an index may be unnecessary, and which queries it was made for. */
function describeUnneeded(
  { use, flags, redundantTo, serves, queries, ...place }: IndexLine,
  members: number,
): string[] {
  const span = use && humanSeconds(use.seconds < 60 ? Math.floor(use.seconds) : Math.floor(use.seconds / 60) * 60);
  const where = members > 1 ? ` on any of ${members} members` : '';
  const reasons = [
    ...(flags.includes('unused') ? [`no query has used it${where} for ${span ?? ''}`] : []),
    ...(redundantTo === undefined ? [] : [`${redundantTo} begins with the same fields, and serves the same queries`]),
    ...(serves === undefined ? [] : [`it serves: ${serves}`]),
    ...(queries.length === 0 ? [] : [`known: ${queries.join(', ')}`]),
  ];
  return flags.includes('unused') || redundantTo !== undefined ? [`${placeText(place)}: ${reasons.join('; ')}.`] : [];
}

function row({ bytes, use, flags, ...place }: IndexLine): string[] {
  return [
    placeText(place),
    bytes === undefined ? '' : size(bytes),
    use ? String(use.ops) : '',
    use?.opsPerDay === undefined ? '' : rate(use.opsPerDay),
    use ? toTheMinute(use.since) : '',
    flags.join(', '),
  ];
}

function rate(perDay: number): string {
  return perDay > 0 && perDay < 10 ? perDay.toFixed(1) : String(Math.round(perDay));
}

function describeMember({ host, isPrimary, ttl, problem }: AskedMember): string[] {
  if (problem !== undefined) return [`${host} was not asked: ${problem}.`];
  if (!isPrimary) return [];
  if (!ttl)
    return [
      'It is not known how many documents TTL indexes have deleted: this user lacks the role clusterMonitor on admin.',
    ];
  return [
    `TTL indexes have deleted ${count(ttl.deleted, 'document')} in all databases of ${host} since ${toTheMinute(ttl.since)}.`,
  ];
}

function describeAdvice({ name, text }: IndexAdvice): string[] {
  return [
    '',
    `\`npm run schema -- new ${name}\` creates the file for this migration. Copy this into it:`,
    '',
    ...text.trimEnd().split('\n'),
  ];
}
