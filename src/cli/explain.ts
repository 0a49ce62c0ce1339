import type { Command } from 'commander';
import { explainQueries, explainWithout, placeText, type ExplainReport, type WithoutReport } from '../indexes';
import { openProject } from '../project';
import { size } from '../support/counts';
import { busy } from './busy';
import type { Context } from './context';
import { toCount, withCommonOptions, type CommonOptions } from './options';
import { count, table } from './output';
import { describeQuery, explainRow } from './query-text';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly without?: string;
  readonly sample: number;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('explain'))
    .description(
      'Runs the known queries of the application (queries.ts), and shows which index each query uses and how much it ' +
        'reads. With the name of a query it shows the whole plan. Values of documents are never shown, and nothing is written. With --without it shows ' +
        'the effect of hiding an index: it copies documents, drawn at random, to an embedded mongod and hides the index there.',
    )
    .argument('[query]', 'the name of a query (default: all)')
    .option('--without <index>', 'compare with a copy in which this index is hidden; for example users.email_1')
    .option('--sample <documents>', 'how many documents to copy', toCount, 20_000)
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- explain\n  $ npm run schema -- explain user-by-email\n  $ npm run schema -- explain --without users.email_1\n  $ npm run --silent schema -- explain --json',
    )
    .action((query: string | undefined, options: Options) => runExplain(context, query, options));
}

async function runExplain(context: Context, name: string | undefined, options: Options): Promise<void> {
  const { without: index, sample } = options;
  const { queries } = context.product;
  await withTarget(context, 'explain', options, async ({ server, env, ...target }) => {
    if (index === undefined) {
      const migrations = openProject(target.folder, target.changelog).load();
      const report = await busy(context, 'asking the server for query plans', () =>
        explainQueries({ target, migrations, queries, name }),
      );
      context.print({ server, ...report }, describe(report, name, context.columns), options);
      return;
    }
    const report = await busy(context, 'testing it on a copy', () =>
      explainWithout({ target, queries, name, index, sample, env }),
    );
    context.print({ server, ...report }, describeWithout(report, context.columns), options);
  });
}

function describe({ queries, noQueryKnown }: ExplainReport, name: string | undefined, columns?: number): string[] {
  if (name !== undefined) return queries.flatMap(describeQuery);
  const bad = queries.filter(({ problems }) => problems.length > 0);
  return [
    table(['query', 'answered by', 'keys', 'docs', 'returned', 'ms'], queries.map(explainRow), columns),
    '',
    ...bad.map((query) => `${query.name}: ${query.problems.join('; ')}.`),
    ...noQueryKnown.map(
      (place) =>
        `There is no known query for ${placeText(place)}${place.serves === undefined ? '' : ` (it serves: ${place.serves})`}.`,
    ),
    `${queries.length} queries, ${bad.length} with a problem; \`explain QUERY\` shows the plan of one query.`,
  ];
}

function describeWithout(report: WithoutReport, columns?: number): string[] {
  const { index, documents, copied, bytes, queries } = report;
  const place = placeText(index);
  const whole = copied >= documents;
  const what = whole
    ? `all ${count(copied, 'document')}`
    : `${copied} of about ${count(documents, 'document')}, drawn at random`;
  return [
    `Tested on a copy of ${index.collection}: ${what} (${size(bytes)}). Nothing was changed on the server.`,
    '',
    table(
      [place, 'query', 'answered by', 'keys', 'docs', 'returned', 'ms'],
      queries.flatMap((one) => [
        ['there', ...explainRow(one.with)],
        ['hidden', ...explainRow(one.without)],
      ]),
      columns,
    ),
    '',
    ...queries.map(({ without }) => {
      const problems = without.problems.filter((problem) => problem !== `its index ${index.name} is hidden`);
      return `Without ${place}, ${without.name}: ${problems.length > 0 ? problems.join('; ') : 'no problem found'}.`;
    }),
    ...(whole || copied === 0
      ? []
      : [
          `The collection is about ${(documents / copied).toFixed(1)} times as large as the copy, so a scan reads that many times more.`,
        ]),
  ];
}
