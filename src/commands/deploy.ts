import type { Command } from 'commander';
import { deploy, type AppliedMigration, type DeployReport } from '../deploy';
import { findMigrations, loadMigrations } from '../migration';
import { withTarget } from './database';
import { count, duration, print, progress, table } from './output';
import { folders } from './paths';

interface Options {
  readonly embedded?: boolean;
  readonly json?: boolean;
}

export function registerDeploy(program: Command): void {
  program
    .command('deploy')
    .summary('apply what is pending')
    .description('Applies the pending migrations, in order, and records each in the changelog.')
    .option('--embedded', 'without MONGODB_URL: use an embedded mongod that keeps its data in .mongodb/')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ MONGODB_URL=mongodb://db.example/app npm run schema -- deploy\n  $ npm run deploy',
    )
    .action(runDeploy);
}

async function runDeploy(options: Options): Promise<void> {
  const migrations = loadMigrations(findMigrations(folders.migrations));
  await withTarget(options, async ({ db, how, version, allowSharded }) => {
    progress(`mongod ${version}, ${how}, database ${db.databaseName}`);
    const onApplied = (applied: AppliedMigration) => {
      if (!options.json) print(undefined, [describeApplied(applied)], {});
    };
    const report = await deploy({ db, migrations, allowSharded, onApplied });
    const server = { how, version, database: db.databaseName };
    print({ server, ...report }, summaryLines(report), options);
  });
}

function describeApplied({ name, milliseconds, changes }: AppliedMigration): string {
  const already = changes.filter(({ outcome }) => outcome === 'already').length;
  const made = count(changes.length - already, 'change') + (already > 0 ? `, ${already} held already` : '');
  return `applied  ${name}  ${made}  ${duration(milliseconds)}`;
}

function summaryLines({ applied, schema }: DeployReport): string[] {
  const { documents, ...counts } = schema;
  return [
    applied.length === 0 ? 'Nothing is pending.' : `${count(applied.length, 'migration')} applied.`,
    '',
    table(['there is now', 'count'], Object.entries({ ...counts, ...documents })),
  ];
}
