import type { Command } from 'commander';
import { newMigration, type NewReport, type PurposeOptions } from '../author';
import { pointWords, readPoints } from '../review';
import type { Schema } from '../schema';
import { shown } from '../support/display-path';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { fromHere, nextSteps } from './next-steps';
import { withTarget } from './target';

interface Options extends Omit<PurposeOptions, 'isOwned'> {
  readonly fromLive?: boolean;
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('new')
    .argument('<name>', 'what the migration does, in a few words: add-user-notes')
    .description(
      'Writes the file of the next migration and lists the steps that remain. Without an option the file has no steps, as with `migrate-mongo create`. ' +
        'With an option the migration is complete. docs/cookbook.md describes common changes. Names of collections and fields are checked against the existing migrations. ' +
        'Needs no server, except for --from-live.',
    )
    .option('--index <collection.field,…>', 'an index on these fields; add :-1 to a field for descending order')
    .option(
      '--unique <collection.field,…>',
      'a unique index, in two migrations: the first builds the index, the second makes it unique',
    )
    .option('--serves <text>', 'the query that the index serves (default: derived from its fields)')
    .option(
      '--collation <locale[:strength]>',
      'the language in which the index compares texts; with en:2 it ignores case',
    )
    .option('--keep <newest=field>', 'with --unique: which duplicate stays, the newest or the oldest by this field')
    .option('--undeclared', 'accept fields that no validator, index or data step mentions')
    .option('--collection <name>', 'a new collection; in the product, with its model, seeder and roles')
    .option('--backfill <collection>', 'an update of the documents; you write the update in the file')
    .option(
      '--ttl <collection.field=age>',
      'a TTL, such as 90d or 12h; if the index has none or a longer one, another migration first deletes expired documents in batches',
    )
    .option(
      '--field <collection.field=type>',
      'a new optional field: string, objectId, date, bool, int, array, object, …',
    )
    .option('--rename <collection.field=name>', 'a new name for a field, in documents and in the validator')
    .option(
      '--require <collection.field>',
      'make a field required, in two migrations: the first fills in the field where it is missing, the second requires it',
    )
    .option('--weights <collection.field=number>', 'the weight of a field of the text index')
    .option('--view <name=collection>', 'a view on a collection; you write its pipeline in the file')
    .option('--drop <collection>', 'drop a collection; a rollback creates it again, empty')
    .option(
      '--reason <text>',
      'with --drop: why the collection is dropped; with --weights: how the application works while search fails',
    )
    .option('--from-live', 'write a migration of everything in the database of MONGODB_URL that no migration creates')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- new add-user-notes\n' +
        '  $ npm run schema -- new results-by-language --index results.content.language_code',
    )
    .action((name: string, options: Options) => runNew(context, name, options));
}

async function runNew(
  context: Context,
  name: string,
  { json = false, fromLive = false, ...options }: Options,
): Promise<void> {
  const { folders } = context;
  refuseCompiled('cannot write migrations', 'new NAME');
  // The models and seeders here belong to this project's collections. For another project, leave them alone.
  const ofProduct = folders.docs !== undefined && {
    isOwned: true,
    filesOfCollection: (collection: string) => context.product.filesOfCollection(folders.project, collection),
    filesOfFields: (collection: string) => context.product.filesOfFields(folders.project, collection),
    filesOfName: (name: string) => context.product.filesOfName(folders.project, name),
  };
  const live = fromLive ? await liveSchema(context) : undefined;
  const report = await newMigration({ ...options, name, live, folder: folders.migrations, ...ofProduct });
  const steps = nextSteps(report, folders, { isIndex: options.index !== undefined });
  const { migrations, created, edited } = inPathsFromHere(report);
  const widest = Math.max(...steps.map(({ command }) => command.length));
  const lines = [
    ...[...migrations, ...created].map((file) => `new       ${shown(file)}`),
    ...edited.map((file) => `changed   ${shown(file)}`),
    ...report.left.map((what) => `left out  ${what}`),
    '',
    'What is left:',
    ...steps.map(({ command, what }) => `  ${command.padEnd(widest)}  # ${what}`),
  ];
  context.print({ migrations, created, edited, left: report.left, steps }, lines, { json });
}

function liveSchema(context: Context): Promise<Schema | undefined> {
  return withTarget(context, 'new', {}, async (target) => {
    const [live] = await busy(context, 'reading the database', () =>
      readPoints([pointWords.live], { folder: target.folder, target }),
    );
    return live?.schema;
  });
}

function inPathsFromHere({ migrations, created, edited }: NewReport) {
  return { migrations: migrations.map(fromHere), created: created.map(fromHere), edited: edited.map(fromHere) };
}
