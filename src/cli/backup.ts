import type { Command } from 'commander';
import { backup, type BackupReport } from '../backup';
import type { Context } from './context';
import { backupReporter } from './backup-events';
import { toCount, withCommonOptions, type CommonOptions } from './options';
import { count, duration } from './output';
import { size } from '../support/counts';
import { stoppable } from './signals';
import { withOperateTarget, type OperateOptions } from './operate-target';

interface Options extends CommonOptions, OperateOptions {
  readonly out: string;
  readonly retention: number;
  readonly encrypt?: string;
  readonly verify?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('backup'))
    .description(
      'Writes DATABASE_YYYYMMDD_HHMMSS.tar.gz (UTC) with a dump and a manifest. Reads the file back, and then removes ' +
        'old backups. Needs mongodump. Exit code 3 if another backup runs in the folder.',
    )
    .option('--local', 'use the server on localhost:27017 when MONGODB_URL is not set')
    .option(
      '--database <name>',
      `the database (default: MONGODB_DATABASE, else the one in MONGODB_URL, else ${context.product.defaultDatabase})`,
    )
    .option('--out <folder>', 'the folder where backups are kept', 'backups')
    .option(
      '--retention <days>',
      'after a successful backup, remove backups that are older; the newest backup and the newest verified backup always stay',
      toCount,
      7,
    )
    .option('--encrypt <recipient>', 'encrypt with gpg for this recipient')
    .option('--verify', 'restore the backup to test it: on MONGODB_VERIFY_URL, else on an embedded mongod')
    .addHelpText(
      'after',
      '\nExamples:\n  $ scripts/backup_db.sh --verify\n  $ npm run schema -- backup --out /srv/backups --retention 30',
    )
    .action((options: Options) => runBackup(context, options));
}

async function runBackup(context: Context, { retention, encrypt, ...options }: Options): Promise<void> {
  await withOperateTarget(context, 'backup', options, async ({ server, verifyUrl, ...target }) => {
    const reporter = backupReporter(context);
    const report = await stoppable(context, (signal) =>
      backup({
        ...target,
        folder: options.out,
        retention,
        encryptTo: encrypt,
        verify: options.verify ? { url: verifyUrl } : undefined,
        signal,
        onEvent: reporter.onEvent,
      }),
    ).finally(reporter.stop);
    context.print({ server, ...report }, lines(report), options);
  });
}

function lines({
  file,
  bytes,
  uncompressed,
  collections,
  documents,
  verified,
  milliseconds,
  removed,
}: BackupReport): string[] {
  const what = `${count(collections, 'collection')}, ${count(documents, 'document')}, ${size(uncompressed)}`;
  return [
    `${file}  ${size(bytes)}`,
    `${what}, ${verified ? 'restored as a test' : 'read back'}, in ${duration(milliseconds)}`,
    ...removed.map((name) => `removed  ${name}`),
  ];
}
