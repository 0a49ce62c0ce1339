import type { Command } from 'commander';
import { census, compareCensuses, describeCensus, describeCensusChange, readCensus, type Census } from '../census';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { toCount, withCommonOptions, type CommonOptions } from './options';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly sample: number;
  readonly compare?: string;
  readonly exitCode?: boolean;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('census'))
    .description(
      'Reads a sample of the documents of each collection, and shows where they differ from its validator and indexes: fields that ' +
        'are not declared, several types in one field, fields that almost no document has, values outside of enums, documents that the validator ' +
        'would refuse. Shares are given with their 95 % confidence interval. Values of documents are never shown. Writes nothing; the role `read` is enough.',
    )
    .argument('[collection]', 'the collection to look at (default: all)')
    .option('--sample <documents>', 'how many documents of each collection to read', toCount, 1_000)
    .option('--compare <file>', 'show what changed since an earlier census that was saved with --json')
    .option(
      '--exit-code',
      'exit with 2 if documents differ from the declarations, or with --compare if something changed',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- census\n  $ npm run schema -- census results --sample 20000\n' +
        '  $ npm run --silent schema -- census --json > census.json\n  $ npm run schema -- census --compare census.json',
    )
    .action((collection: string | undefined, options: Options) => runCensus(context, collection, options));
}

async function runCensus(context: Context, collection: string | undefined, options: Options): Promise<void> {
  // Read the file first: a bad file should fail before the server is asked.
  const earlier = options.compare === undefined ? undefined : await readCensus(options.compare);
  await withTarget(context, 'census', options, async ({ server, ...target }) => {
    const found = await busy(context, 'reading documents', () =>
      census({ ...target, sample: options.sample, ...(collection !== undefined && { collections: [collection] }) }),
    );
    const changes = earlier && compareCensuses(earlier, found);
    const lines = changes ? changes.map(describeCensusChange) : describeCensus(found);
    if (earlier && lines.length === 0) lines.push(`Nothing changed since ${earlier.at}.`);
    context.print({ server, ...found, ...(changes && { changes }) }, lines, options);
    if (options.exitCode && (changes ? changes.length > 0 : differs(found))) context.exitCode = exitCodes.difference;
  });
}

function differs({ collections }: Census): boolean {
  return Object.values(collections).some(
    ({ undeclared, mixed, rare, outsideEnums, refused }) =>
      [undeclared, mixed, rare, outsideEnums].some(({ length }) => length > 0) || (refused?.count ?? 0) > 0,
  );
}
