import type { Command } from 'commander';
import { readConfig } from '../config';
import { verifyBackup } from '../operate/backup';
import { backupReporter } from './backup-events';
import { count, duration, print } from './output';
import { stoppable } from './signals';

export function registerVerifyBackup(program: Command): void {
  program
    .command('verify-backup')
    .summary('restore a backup for a trial')
    .description(
      'Restores a backup into a scratch database, compares names, counts, every document by checksum, indexes and ' +
        'validators, and drops the scratch database. On MONGODB_VERIFY_URL when set, else on an embedded mongod. Ends 0 or 1.',
    )
    .argument('<file>', 'the backup')
    .option('--json', 'print one JSON document on stdout, and nothing else there')
    .addHelpText('after', '\nExamples:\n  $ scripts/verify_backup.sh backups/sentimatrix_studio_20260131_093000.tar.gz')
    .action(runVerify);
}

async function runVerify(file: string, options: { json?: boolean }): Promise<void> {
  const { verifyUrl } = readConfig();
  const reporter = backupReporter();
  const report = await stoppable((signal) =>
    verifyBackup({ file, url: verifyUrl, signal, onEvent: reporter.onEvent }),
  ).finally(reporter.stop);
  const { collections, documents, server, milliseconds } = report;
  const what = `${count(collections, 'collection')}, ${count(documents, 'document')}`;
  print(report, [`${file} restores: ${what}, on mongod ${server}, in ${duration(milliseconds)}`], options);
}
