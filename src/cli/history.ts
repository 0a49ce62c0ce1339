import { InvalidArgumentError, type Command } from 'commander';
import { history, type Attempt } from '../deploy/history';
import { describeFailure, type RecordedStep } from '../history';
import { busy } from './busy';
import type { Context } from './context';
import { withCommonOptions, type CommonOptions } from './options';
import { count, duration, table } from './output';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly migration?: string;
  readonly since?: Date;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('history'))
    .description('Shows every attempt at a migration and every other change of the history, oldest first.')
    .option('--migration <name>', 'show only the events of this migration')
    .option('--since <time>', 'show only events since this time: 2026-01-31 or 2026-01-31T09:30:00Z', toDate)
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- history --migration ttls\n  $ npm run schema -- history --since 2026-01-31',
    )
    .action((options: Options) => runHistory(context, options));
}

function toDate(text: string): Date {
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('Give an ISO 8601 date, or a date and time.');
}

async function runHistory(context: Context, { migration, since, ...options }: Options): Promise<void> {
  await withTarget(context, 'history', options, async ({ server, ...target }) => {
    const attempts = await busy(context, 'reading the history', () => history({ ...target, migration, since }));
    const head = ['began', 'outcome', 'direction', 'migration', 'by', 'commit', 'took', 'note'];
    context.print(
      { server, attempts },
      [attempts.length === 0 ? 'Nothing yet.' : table(head, attempts.map(row), context.columns)],
      options,
    );
  });
}

function row({ began, outcome, events }: Attempt): string[] {
  const [first, last] = [events[0], events.at(-1)];
  return [
    began.toISOString(),
    outcome,
    first?.direction ?? '',
    first?.migration ?? '',
    first ? `${first.user}@${first.host}` : '',
    first?.commit?.slice(0, 12) ?? '',
    last?.milliseconds === undefined ? '' : duration(last.milliseconds),
    last?.reason ?? (last?.failure && describeFailure(last.failure)) ?? last?.error ?? describeData(last?.data),
  ];
}

/** Describes what the data steps did. */
function describeData(data: readonly RecordedStep[] = []): string {
  if (data.length === 0) return '';
  return `${count(
    data.reduce((sum, { updated }) => sum + updated, 0),
    'document',
  )} updated`;
}
