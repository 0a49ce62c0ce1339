import path from 'node:path';
import type { Command } from 'commander';
import { frozenName } from '../project';
import { compareSnapshot, refuseDependent, takeSnapshot, writeSnapshot, type SnapshotDifference } from '../review';
import { busy } from './busy';
import { refuseCompiled } from './checkout';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { languagesOf } from './languages';
import { collect } from './options';

interface Options {
  readonly check?: boolean;
  readonly amend: readonly string[];
  readonly json?: boolean;
}

export function register(program: Command, context: Context): void {
  program
    .command('snapshot')
    .description(
      'Writes migrations/frozen.json and the generated files (schema/schema.json, …) from the migrations. Needs no server.',
    )
    .option('--check', 'write nothing; exit with 2 if a file is out of date')
    .option('--amend <migration>', 'freeze this migration again after it was changed', collect, [])
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ npm run snapshot\n  $ npm run schema -- snapshot --check')
    .action((options: Options) => runSnapshot(context, options));
}

async function runSnapshot(context: Context, { check = false, amend, json = false }: Options): Promise<void> {
  refuseCompiled('cannot freeze migrations', check ? 'snapshot --check' : 'snapshot');
  const { folders } = context;
  const now = takeSnapshot(folders, { relations: context.product.relations, languages: languagesOf(context) });
  await busy(context, 'checking what the migrations depend on', () => refuseDependent(now, folders));
  const difference = check ? compareSnapshot(now, folders) : writeSnapshot(now, folders, amend);
  const lines = describe(difference, check ? undefined : path.join(path.basename(folders.migrations), frozenName));
  const isClean = lines.length === 0;
  const closing = check ? 'Out of date: run `npm run snapshot`.' : 'Written.';
  context.print({ ...difference, isClean }, isClean ? ['The snapshot is up to date.'] : [...lines, closing], { json });
  if (check && !isClean) context.exitCode = exitCodes.difference;
}

/** @param frozen the file with the checksums, if the command writes it */
function describe({ added, altered, removed, stale }: SnapshotDifference, frozen?: string): string[] {
  const isFrozenChanged = added.length + altered.length + removed.length > 0;
  return [
    ...added.map((name) => `new       ${name}`),
    ...altered.map((name) => `altered   ${name}`),
    ...removed.map((name) => `removed   ${name}`),
    ...(frozen !== undefined && isFrozenChanged ? [`changed   ${frozen}`] : []),
    ...stale.map((name) => `changed   ${name}`),
  ];
}
