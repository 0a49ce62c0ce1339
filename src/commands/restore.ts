import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { readConfig } from '../config';
import { restore, type RestorePlan, type RestoreReport } from '../operate/backup';
import { backupReporter } from './backup-events';
import { withOperateTarget, type OperateOptions } from './operate-target';
import { toSeconds, withCommonOptions, type CommonOptions } from './options';
import { count, duration, print, progress, table } from './output';
import { stoppable } from './signals';

interface Options extends CommonOptions, OperateOptions {
  readonly drop?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly out?: string;
  readonly encrypt?: string;
  readonly plainSafetyCopy?: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
}

export function registerRestore(program: Command): void {
  withCommonOptions(program.command('restore'))
    .summary('restore a backup')
    .description(
      'Checks a backup to its last byte, then restores it under the lease, compares what is there with its manifest, and ' +
        'adds the backup’s history to the one that is there. Stop the application first. Needs mongorestore.',
    )
    .argument('<file>', 'the backup')
    .option('--drop', 'replace what is there, after a safety copy; what the backup lacks is removed')
    .option('--yes', 'do not ask before something is replaced')
    .option('--dry-run', 'check the backup, show what would be done, and write nothing')
    .option('--local', 'without MONGODB_URL: the server on localhost:27017; not with --drop')
    .option('--database <name>', 'the database; has to be named when it is another one than was backed up')
    .option('--out <folder>', 'where the safety copy goes; beside the backup unless given')
    .option('--encrypt <recipient>', 'encrypt the safety copy with gpg for this recipient')
    .option('--plain-safety-copy', 'do not encrypt the safety copy, although the backup is encrypted')
    .option('--lock-timeout <seconds>', 'how long to wait while another run holds the lease', toSeconds, 60)
    .addHelpText(
      'after',
      '\nExamples:\n  $ scripts/restore_db.sh backups/sentimatrix_studio_20260131_093000.tar.gz --dry-run --drop\n' +
        '  $ scripts/restore_db.sh backups/sentimatrix_studio_20260131_093000.tar.gz --database rehearsal',
    )
    .action(runRestore);
}

async function runRestore(file: string, options: Options): Promise<void> {
  refuseUnnamed(options);
  await withOperateTarget('restore', options, async ({ server, verifyUrl: _, ...target }) => {
    const reporter = backupReporter();
    const report = await stoppable((signal) =>
      restore({
        ...target,
        file,
        isNamed: options.database !== undefined,
        drop: options.drop,
        dryRun: options.dryRun,
        folder: options.out,
        encryptTo: options.encrypt,
        plainSafetyCopy: options.plainSafetyCopy,
        lockTimeout: options.lockTimeout * 1000,
        confirm: (plan) => confirm(plan, options),
        signal,
        onEvent: reporter.onEvent,
      }),
    ).finally(reporter.stop);
    print({ server, ...report }, lines(report), options);
  });
}

/** @throws Error with code `USAGE` when what would be replaced is on a server that nobody named. */
function refuseUnnamed({ drop, local }: Options): void {
  if (!drop || !local || readConfig().url !== undefined) return;
  const message =
    'No server is named, and --drop replaces nothing on one that was guessed: set MONGODB_URL, or give the script --uri or --host.';
  throw Object.assign(new Error(message), { code: 'USAGE' });
}

/** @throws Error with code `USAGE` where nobody can be asked. */
async function confirm(plan: RestorePlan, { yes }: Options): Promise<boolean> {
  for (const line of planLines(plan)) progress(line);
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const message =
      'There is no terminal to ask on whether to replace what is there, so nothing was changed: say --yes.';
    throw Object.assign(new Error(message), { code: 'USAGE' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`Type the name of the database to replace it: `)) === plan.database;
  } finally {
    terminal.close();
  }
}

function planLines({ file, backup, database, replaced, removed, restored }: RestorePlan): string[] {
  const there = new Map([...replaced, ...removed].map(({ name, documents }) => [name, documents]));
  const removedRows = removed.map(({ name, documents }) => [name, documents, 'removed']);
  const rows = restored.map(({ name, documents }) => [name, there.get(name) ?? '-', documents]);
  return [
    `${file}, a backup of ${backup.database} of ${backup.created_at}, into the database ${database}`,
    table(['collection', 'there now', 'restored'], [...rows, ...removedRows]),
  ];
}

function lines(report: RestoreReport): string[] {
  if (report.dryRun) return [...planLines(report), 'Nothing was changed.'];
  const documents = report.restored.reduce((sum, one) => sum + one.documents, 0);
  return [
    `Restored ${count(report.restored.length, 'collection')}, ${count(documents, 'document')}, in ${duration(report.milliseconds)}.`,
    ...(report.removed.length > 0 ? [`Removed: ${report.removed.map(({ name }) => name).join(', ')}.`] : []),
    ...(report.safety === undefined ? [] : [`What was there before is in ${report.safety}.`]),
    ...(report.events && report.events.leftOut > 0
      ? [`${count(report.events.leftOut, 'event')} of the backup’s history stand for others here, and were left out.`]
      : []),
    ...(report.pending.length > 0
      ? [`The backup is behind the code by ${count(report.pending.length, 'migration')}: npm run schema -- deploy`]
      : []),
    ...(report.broken.length > 0 ? ['Its history does not fit the code: npm run schema -- status'] : []),
  ];
}
