import path from 'node:path';
import { Option, type Command } from 'commander';
import { exportFormats, exportSchema, writeExport, type ExportChanges, type ExportFormat } from '../review';
import { shown } from '../support/display-path';
import { SchemaError } from '../support/schema-error';
import { busy } from './busy';
import type { Context } from './context';
import { languagesOf } from './languages';

interface Options {
  readonly format: ExportFormat;
  readonly out?: string;
  readonly at?: string;
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('export')
    .description(
      'Writes the rules of the validators for applications in other languages: a JSON Schema for each collection, Pydantic ' +
        'models, or TypeScript types. It never changes files that were not written by an export. It removes files of an earlier export that are ' +
        'no longer needed. Without --out, it writes to stdout, which works only for formats with one file. Needs no server.',
    )
    .addOption(
      new Option('--format <format>', 'the language').choices(Object.keys(exportFormats)).makeOptionMandatory(),
    )
    .option('--out <folder>', 'the folder for the files; it is created if it does not exist')
    .option('--at <migration>', 'use the migrations up to this one (default: the newest)')
    .option('--json', 'print one JSON document: the changes in the folder, or without --out the files themselves')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- export --format json-schema --out ../api/schemas\n  $ npm run --silent schema -- export --format typescript > documents.ts\n  $ npm run schema -- export --format pydantic --at validators --out ../api/documents',
    )
    .action((options: Options) => runExport(context, options));
}

async function runExport(context: Context, { format, out, at, json = false }: Options): Promise<void> {
  const { migrations: folder } = context.folders;
  const result = await busy(context, 'reading the migrations', () =>
    exportSchema({ format, folder, at, ...languagesOf(context) }),
  );
  if (out !== undefined) {
    const changes = writeExport(path.resolve(out), result.files, exportFormats[format]);
    context.print({ format, at: result.at, folder: path.resolve(out), ...changes }, describe(changes, out), { json });
    return;
  }
  if (json) {
    context.print({ format, ...result }, [], { json });
    return;
  }
  const [only, ...others] = result.files;
  if (only === undefined || others.length > 0) {
    throw new SchemaError('USAGE', `The ${result.files.length} files of ${format} need a folder`, {
      fix: 'name the folder with --out; it is created if it does not exist',
    });
  }
  context.write(only.text);
}

function describe({ written, unchanged, removed }: ExportChanges, out: string): string[] {
  const lines = [...written.map((name) => `written   ${name}`), ...removed.map((name) => `removed   ${name}`)];
  return lines.length === 0
    ? [`${shown(out)} is up to date: ${unchanged.length} files.`]
    : [
        ...lines,
        `The folder is ${shown(out)}.${unchanged.length > 0 ? ` Files that were already up to date: ${unchanged.length}.` : ''}`,
      ];
}
