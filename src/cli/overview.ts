import type { Command } from 'commander';
import { newestBackups } from '../backup';
import { withReads } from '../database';
import { status, type StatusReport } from '../deploy';
import { slowestShape, type SlowShape } from '../queries';
import { drift } from '../review';
import { count, humanSeconds, size } from '../support/counts';
import { isSchemaError } from '../support/schema-error';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { duration, table } from './output';
import { withTarget, type CommandTarget } from './target';

interface Options extends CommonOptions {
  readonly out: string;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('overview'))
    .description(
      'Shows the server, the newest applied migration, pending migrations, drift, the size of the database, its last backup, and the slowest ' +
        'queries that the profiler has recorded. Writes nothing; the role `read` is enough. The exit codes are those of `status`, and 2 if the database has drifted.',
    )
    .option('--out <folder>', 'the folder where backups are kept', 'backups')
    .addHelpText('after', '\nExamples:\n  $ npm run schema -- overview\n  $ npm run --silent schema -- overview --json')
    .action((options: Options) => runOverview(context, options));
}

/** Contains only counts and names, never values of documents. */
interface Overview {
  readonly head: string | null;
  readonly pending: number;
  readonly broken: number;
  /** Null when the database cannot be compared because its history is broken. */
  readonly drift: number | null;
  readonly documents: number;
  /** Bytes of the documents, uncompressed, plus the indexes. */
  readonly bytes: number;
  readonly indexBytes: number;
  readonly backup: { readonly taken?: Date; readonly verified?: Date };
  /**
   * The slow queries of the shape that took the most time in total; absent if the profiler has recorded none or this user may not read
   * them.
   */
  readonly slowest?: Pick<SlowShape, 'collection' | 'text' | 'count' | 'milliseconds'>;
}

async function runOverview(context: Context, options: Options): Promise<void> {
  await withTarget(context, 'overview', options, async ({ server, ...target }) => {
    const overview = await busy(context, 'looking at the database', () => look(target, options.out));
    const rows = [
      ['server', `mongod ${server.version}, ${server.how}`],
      ['database', server.database],
      ...describe(overview, Date.now()),
    ];
    context.print({ server, ...overview }, [table(['', ''], rows, context.columns).trimStart()], options);
    const { broken, pending, drift: drifted } = overview;
    if (broken > 0) context.exitCode = exitCodes.historyBroken;
    else if (pending > 0 || (drifted ?? 0) > 0) context.exitCode = exitCodes.difference;
  });
}

async function look(target: Omit<CommandTarget, 'server'>, folder: string): Promise<Overview> {
  const [report, drifted, sizes, backup, slowest] = await Promise.all([
    status(target),
    drift(target).then(
      (found) => found.drift,
      (error: unknown) => {
        if (isSchemaError(error)) return null;
        throw error;
      },
    ),
    withReads(target, async ({ db }) => db.stats()),
    newestBackups(folder, target.database),
    slowestShape(target),
  ]);
  return {
    head: headOf(report),
    pending: report.pending,
    broken: report.broken,
    drift: drifted,
    documents: Number(sizes['objects']),
    bytes: Number(sizes['dataSize']),
    indexBytes: Number(sizes['indexSize']),
    backup,
    ...(slowest && { slowest: withoutPlans(slowest) }),
  };
}

function withoutPlans({ collection, text, count, milliseconds }: SlowShape): NonNullable<Overview['slowest']> {
  return { collection, text, count, milliseconds };
}

function headOf({ migrations }: StatusReport): string | null {
  return migrations.findLast(({ isRecorded }) => isRecorded)?.name ?? null;
}

function describe({ head, pending, broken, drift: drifted, ...rest }: Overview, now: number): string[][] {
  const { taken, verified } = rest.backup;
  const ago = (at: Date | undefined) => (at ? `${agoInWords(now - at.getTime())} ago` : 'never');
  return [
    ['head', head ?? 'no migration is applied'],
    ['pending', pending === 0 ? 'nothing' : `${count(pending, 'migration')}: \`plan\` shows what they would do`],
    ...(broken === 0 ? [] : [['broken', `${count(broken, 'migration')}: \`status\` lists them`]]),
    [
      'drift',
      drifted === null ? 'unknown' : drifted === 0 ? 'none' : `${count(drifted, 'difference')}: \`drift\` shows them`,
    ],
    ['documents', `${rest.documents}, ${size(rest.bytes)}; indexes ${size(rest.indexBytes)}`],
    ['backup', `${ago(taken)}; verified: ${ago(verified)}`],
    ...(rest.slowest ? [['slowest', slowestText(rest.slowest)]] : []),
  ];
}

function slowestText({ collection, text, count: times, milliseconds }: NonNullable<Overview['slowest']>): string {
  const took = `${count(times, 'time')}, ${duration(milliseconds.total)} in all`;
  return `${collection}: ${text}, ${took}: \`queries\` shows more`;
}

/** Formats an age with only its largest unit, such as `3 days`. */
function agoInWords(milliseconds: number): string {
  return humanSeconds(Math.max(0, Math.round(milliseconds / 1000)))
    .split(' ')
    .slice(0, 2)
    .join(' ');
}
