import type { Command } from 'commander';
import { verifyBackup } from '../backup';
import type { Context } from './context';
import { backupReporter } from './backup-events';
import { count, duration } from './output';
import { stoppable } from './signals';

export function register(program: Command, context: Context): void {
  program
    .command('verify-backup')
    .description(
      'Restores a backup into a scratch database, compares names, counts, every document by checksum, indexes and ' +
        'validators, and drops the scratch database. It uses MONGODB_VERIFY_URL when set, else an embedded mongod. Exit code 0 if the restored data equal the backup, else 1.',
    )
    .argument('<file>', 'the backup')
    .option('--json', 'print one JSON document on stdout, and nothing else there')
    .addHelpText(
      'after',
      `\nExamples:\n  $ scripts/verify_backup.sh backups/${context.product.defaultDatabase}_20260131_093000.tar.gz`,
    )
    .action((file: string, options: { json?: boolean }) => runVerify(context, file, options));
}

async function runVerify(context: Context, file: string, options: { json?: boolean }): Promise<void> {
  const { verifyUrl } = context.config;
  const reporter = backupReporter(context);
  const report = await stoppable(context, (signal) =>
    verifyBackup({
      file,
      url: verifyUrl,
      container: context.product.container,
      env: context.env,
      signal,
      onEvent: reporter.onEvent,
    }),
  ).finally(reporter.stop);
  const { collections, documents, server, milliseconds } = report;
  const what = `${count(collections, 'collection')}, ${count(documents, 'document')}`;
  context.print(report, [`${file} restores: ${what}, on mongod ${server}, in ${duration(milliseconds)}`], options);
}
