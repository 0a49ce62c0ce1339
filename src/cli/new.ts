import path from 'node:path';
import type { Command } from 'commander';
import { newMigration, type NewReport, type PurposeOptions } from '../author';
import { pointWords, readPoints } from '../review';
import type { Schema } from '../schema';
import { shown } from '../support/display-path';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import type { Folders } from './folders';
import { withTarget } from './target';

interface Options extends Omit<PurposeOptions, 'isOwned'> {
  readonly fromLive?: boolean;
  readonly json?: boolean;
}

/** Something that is left to do, and the command for it. */
interface NextStep {
  readonly what: string;
  readonly command: string;
}

export function register(program: Command, context: Context): void {
  program
    .command('new')
    .argument('<name>', 'what it does, in a few words: add-user-notes')
    .description(
      'Writes the next migration and says what is left to do. Without an option it is an empty frame, as `migrate-mongo create` ' +
        'makes it; with an option it is a complete migration. docs/cookbook.md has the usual changes. Names are compared with what the migrations lead to. ' +
        'Needs no server, but for --from-live.',
    )
    .option('--index <collection.field,…>', 'an index on these fields; a field descends with :-1 behind it')
    .option('--unique <collection.field,…>', 'a unique index: built first, made unique in a migration of its own')
    .option('--serves <text>', 'the query that the index is there for; told by its fields unless given')
    .option(
      '--collation <locale[:strength]>',
      'how the index compares texts: en:2 takes capitals and small letters for the same',
    )
    .option('--keep <newest=field>', 'with --unique: of duplicates the newest or the oldest by a field stays')
    .option('--undeclared', 'take fields that no validator, index or data step speaks of')
    .option('--collection <name>', 'a new collection; of the product, with its model, its seeder and its rights')
    .option('--backfill <collection>', 'an update of its documents, to be filled in')
    .option('--ttl <collection.field=age>', 'other seconds of a TTL: 90d, 12h; a sooner one deletes in batches before')
    .option('--rename <collection.field=name>', 'a new name for a field, in documents and validator')
    .option('--require <collection.field>', 'a required field: filled in where it is missing, then required')
    .option('--weights <collection.field=number>', 'what a hit in a field of the text index counts')
    .option('--view <name=collection>', 'a view on a collection, to be filled in')
    .option('--drop <collection>', 'the collection goes, with how it was made')
    .option('--reason <text>', 'why it is dropped, or how the application does without search meanwhile')
    .option('--from-live', 'what the database of MONGODB_URL has beyond the migrations, to keep it')
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
  refuseCompiled('writes no migrations', 'new NAME');
  // Another project's collections have neither models nor seeders here.
  const ofProduct = folders.docs !== undefined && {
    isOwned: true,
    filesOfCollection: (collection: string) => context.product.filesOfCollection(folders.project, collection),
    filesOfFields: (collection: string) => context.product.filesOfFields(folders.project, collection),
    filesOfName: (name: string) => context.product.filesOfName(folders.project, name),
  };
  const live = fromLive ? await liveSchema(context) : undefined;
  const report = await newMigration({ ...options, name, live, folder: folders.migrations, ...ofProduct });
  const steps = stepsAfter(report, folders);
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

/** A path as it can be copied into a command. */
function fromHere(file: string): string {
  return path.relative(process.cwd(), file);
}

function stepsAfter({ toFillIn }: NewReport, { migrations: folder, docs }: Folders): NextStep[] {
  const edits = toFillIn.map(({ file, what }) => ({ command: `\${EDITOR:-vi} ${shown(fromHere(file))}`, what }));
  const isOwn = docs !== undefined;
  const freeze = isOwn ? 'npm run snapshot' : `npm run schema -- snapshot --migrations ${shown(fromHere(folder))}`;
  return [
    ...edits,
    { command: freeze, what: 'freezes it, and writes the schema that it leads to' },
    ...(isOwn ? [{ command: 'npm run check', what: 'types, lint, format, rules' }] : []),
  ];
}
