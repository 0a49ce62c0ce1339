import type { Command } from 'commander';
import {
  restore,
  resumeRestore,
  undoRestore,
  type Meanwhile,
  type RestorePlan,
  type RestoreReport,
  type UnfinishedReport,
} from '../backup';
import { confirmByTyping } from './confirm';
import type { Context } from './context';
import { backupReporter } from './backup-events';
import { withOperateTarget, type OperateOptions } from './operate-target';
import { toBytes, toSeconds, withCommonOptions, type CommonOptions } from './options';
import { count, duration, table } from './output';
import { stoppableRun } from './signals';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';

interface Options extends CommonOptions, OperateOptions {
  readonly drop?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly resume?: boolean;
  readonly undo?: boolean;
  readonly safetyCopy?: boolean;
  readonly allowDifferences?: boolean;
  readonly spaceCheck?: boolean;
  /** In bytes. */
  readonly maxSize?: number;
  readonly out?: string;
  readonly encrypt?: string;
  readonly plainSafetyCopy?: boolean;
  /** In seconds. */
  readonly lockTimeout: number;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('restore'))
    .description(
      'Takes the lease, checks every byte of a backup, loads the backup into temporary collections, and compares them with the ' +
        'manifest. Then it exchanges them with the existing collections within milliseconds. The history of the backup is added to the existing history. A failure ' +
        'before the exchange leaves the database unchanged. After a failure during the exchange, use --resume or --undo. Needs mongorestore.',
    )
    .argument('[file]', 'the backup; omit it with --resume and --undo')
    .option('--drop', 'replace the existing collections; collections that the backup lacks are removed')
    .option('--resume', 'finish a restore that was interrupted while it exchanged collections')
    .option('--undo', 'undo a restore that was interrupted')
    .option('--safety-copy', 'first make a backup of the existing database')
    .option('--yes', 'do not ask before collections are replaced')
    .option('--dry-run', 'check the backup, show what would be done, and write nothing')
    .option('--local', 'use the server on localhost:27017 when MONGODB_URL is not set; not with --drop')
    .option('--database <name>', 'the database; required if it is not the database that was backed up')
    .option('--out <folder>', 'the folder for the safety copy (default: the folder of the backup)')
    .option('--encrypt <recipient>', 'encrypt the safety copy with gpg for this recipient')
    .option('--plain-safety-copy', 'do not encrypt the safety copy, although the backup is encrypted')
    .option('--allow-differences', 'accept documents that differ from the backup after loading')
    .option('--max-size <size>', 'the maximum size of the unpacked backup: 500M, 20G', toBytes)
    .option('--no-space-check', 'do not check for free disk space on the server')
    .option('--lock-timeout <seconds>', 'how long to wait while another run holds the lease', toSeconds, 60)
    .addHelpText(
      'after',
      `\nExamples:\n  $ scripts/restore_db.sh backups/${context.product.defaultDatabase}_20260131_093000.tar.gz --dry-run --drop\n` +
        `  $ scripts/restore_db.sh backups/${context.product.defaultDatabase}_20260131_093000.tar.gz --database rehearsal`,
    )
    .action((file: string | undefined, options: Options) =>
      options.resume || options.undo ? runEnd(context, file, options) : runRestore(context, file, options),
    );
}

async function runRestore(context: Context, file: string | undefined, options: Options): Promise<void> {
  if (file === undefined) {
    throw new SchemaError('USAGE', 'The backup file is missing', { fix: 'name the file of a backup' });
  }
  refuseUnnamed(context, options);
  await withOperateTarget(context, 'restore', options, async ({ server, verifyUrl: _, ...target }) => {
    const reporter = backupReporter(context);
    const report = await stoppableRun(context, (signals) =>
      restore({
        ...target,
        file,
        isNamed: options.database !== undefined,
        drop: options.drop,
        dryRun: options.dryRun,
        safetyCopy: options.safetyCopy,
        allowDifferences: options.allowDifferences,
        spaceCheck: options.spaceCheck,
        maxSize: options.maxSize,
        folder: options.out,
        migrations: target.folder,
        encryptTo: options.encrypt,
        plainSafetyCopy: options.plainSafetyCopy,
        lockTimeout: options.lockTimeout * 1000,
        confirm: (plan) => confirm(context, plan, options),
        ...signals,
        onEvent: reporter.onEvent,
      }),
    ).finally(reporter.stop);
    context.print({ server, ...report }, lines(report), options);
  });
}

/** Finishes (`--resume`) or undoes (`--undo`) a restore that was interrupted. */
async function runEnd(context: Context, file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined || (options.resume && options.undo)) {
    throw new SchemaError('USAGE', 'Give either --resume or --undo, without a file', {
      why: 'everything that these options need is in the database',
    });
  }
  await withOperateTarget(context, 'restore', options, async ({ server, verifyUrl: _, ...target }) => {
    const reporter = backupReporter(context);
    const end = options.resume ? resumeRestore : undoRestore;
    const report = await stoppableRun(context, (signals) =>
      end({
        ...target,
        migrations: target.folder,
        lockTimeout: options.lockTimeout * 1000,
        ...signals,
        onEvent: reporter.onEvent,
      }),
    ).finally(reporter.stop);
    const done = options.resume ? 'Finished' : 'Undid';
    const what =
      report.file === undefined ? 'There is no unfinished restore.' : `${done} the restore of ${shown(report.file)}.`;
    const all = [what, ...meanwhileLines(report), ...migrationLines(report, 'The database')];
    context.print({ server, ...report }, all, options);
  });
}

/** @throws error with code `USAGE` when `--drop` would replace a database on a server that nobody named. */
function refuseUnnamed(context: Context, { drop, local }: Options): void {
  if (!drop || !local || context.config.url !== undefined) return;
  throw new SchemaError('USAGE', '--drop needs a named server, so that it cannot replace the wrong database', {
    fix: 'set MONGODB_URL, or give the script --uri or --host',
  });
}

/** @throws error with code `USAGE` when there is no terminal to ask on. */
async function confirm(context: Context, plan: RestorePlan, { yes }: Options): Promise<boolean> {
  for (const line of planLines(plan)) context.progress(line);
  if (yes) return true;
  return confirmByTyping(context, {
    doing: 'whether to replace the existing data',
    question: 'Type the name of the database to replace it: ',
    answer: plan.database,
  });
}

function planLines({ file, backup, database, replaced, removed, restored }: RestorePlan): string[] {
  const there = new Map([...replaced, ...removed].map(({ name, documents }) => [name, documents]));
  const removedRows = removed.map(({ name, documents }) => [name, documents, 'removed']);
  const rows = restored.map(({ name, documents }) => [name, there.get(name) ?? '-', documents]);
  return [
    `${file}, a backup of ${backup.database} of ${backup.created_at}, into the database ${database}`,
    table(['collection', 'existing', 'restored'], [...rows, ...removedRows]),
  ];
}

function lines(report: RestoreReport): string[] {
  if (report.dryRun) return [...planLines(report), 'Nothing was changed.'];
  const documents = report.restored.reduce((sum, one) => sum + one.documents, 0);
  return [
    `Restored ${count(report.restored.length, 'collection')}, ${count(documents, 'document')}, in ${duration(report.milliseconds)}.`,
    ...(report.removed.length > 0 ? [`Removed: ${report.removed.map(({ name }) => name).join(', ')}.`] : []),
    ...(report.safety === undefined ? [] : [`The previous data are in ${report.safety}.`]),
    ...(report.events && report.events.leftOut > 0
      ? [
          `${count(report.events.leftOut, 'event')} of the backup’s history have a number that another event of the existing history has. They were not added.`,
        ]
      : []),
    ...meanwhileLines(report),
    ...migrationLines(report, 'The backup'),
  ];
}

function meanwhileLines({ written = [], aside = [], made = [] }: Partial<Meanwhile>): string[] {
  return [
    ...written.map(({ name, before, then }) => {
      const difference = `${count(Math.abs(then - before), 'document')} ${then > before ? 'more' : 'fewer'}`;
      return `${name} was written to during the restore: it had ${difference} at the end than at the start. The restored collection does not contain these writes.`;
    }),
    ...aside.map(
      ({ name, collection, documents }) =>
        `${count(documents, 'document')} were written to ${name} during the exchange. They are in ${collection}. Move the documents that you need, then drop ${collection}.`,
    ),
    ...(made.length > 0
      ? [`These collections were created during the restore, and still exist: ${made.join(', ')}.`]
      : []),
  ];
}

function migrationLines({ pending, broken }: Pick<UnfinishedReport, 'pending' | 'broken'>, what: string): string[] {
  return [
    ...(pending.length > 0
      ? [`${what} lacks ${count(pending.length, 'migration')} that the code has: npm run schema -- deploy`]
      : []),
    ...(broken.length > 0 ? ['The history of the database does not match the code: npm run schema -- status'] : []),
  ];
}
