import type { Command } from 'commander';
import {
  diskLine,
  dockerLine,
  gitLine,
  lineOf,
  lookAtServer,
  mongoshLine,
  nodeLine,
  toolsLine,
  type DoctorLine,
  type ServerLook,
} from '../doctor';
import { openProject } from '../project';
import { errorCodeOf } from '../support/error-codes';
import { busy } from './busy';
import type { Context } from './context';
import { exitCodes } from './exit-codes';
import { withCommonOptions, type CommonOptions } from './options';
import { count } from './output';
import { withTarget } from './target';

interface Options extends CommonOptions {
  readonly base: string;
  readonly out: string;
}

export function register(program: Command, context: Context): void {
  withCommonOptions(program.command('doctor'))
    .description(
      'Checks this machine and the server. For each check it shows whether the requirement is met, and how to fix it if ' +
        'not. It also names the verbs for which this user lacks a privilege. Writes nothing. Exit code 1 if there is a problem; ' +
        'warnings do not count.',
    )
    .option('--base <ref>', 'the git ref that `lint` and `report` will compare with', 'origin/main')
    .option('--out <folder>', 'the folder for backups', 'backups')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npm run schema -- doctor\n  $ npm run schema -- doctor --embedded --json\n  $ npm run schema -- doctor --out /srv/backups',
    )
    .action((options: Options) => runDoctor(context, options));
}

async function runDoctor(context: Context, options: Options): Promise<void> {
  const lines = await busy(context, 'looking', () => examine(context, options));
  const numberOf = (state: DoctorLine['state']) => lines.filter((line) => line.state === state).length;
  const [problems, warnings] = [numberOf('problem'), numberOf('warning')];
  context.print(
    { lines, problems, warnings },
    [...lines.flatMap(describe), '', `${count(problems, 'problem')}, ${count(warnings, 'warning')}.`],
    options,
  );
  if (problems > 0) context.exitCode = exitCodes.failed;
}

/** Runs every check. A failing check does not stop the others. */
async function examine(context: Context, options: Options): Promise<DoctorLine[]> {
  const { env, product } = context;
  const { collections, line } = readMigrations(context);
  const server = await withTarget(context, 'doctor', options, (target) => lookAtServer(target, { collections })).catch(
    (error: unknown): ServerLook => ({ lines: [lineOf(error, nameOf(error), 'problem')] }),
  );
  const machine = await Promise.all([
    toolsLine({ url: unless(() => context.config.url), container: product.container, env }),
    mongoshLine(env),
    dockerLine(env),
    gitLine(unless(() => context.folders.project) ?? process.cwd(), options.base),
    diskLine(options.out, server.bytes),
  ]);
  return [nodeLine(process.versions.node), ...line, ...server.lines, ...machine];
}

function nameOf(error: unknown): string {
  return errorCodeOf(error) === 'USAGE' ? 'environment' : 'server';
}

/** Reads the migrations. A folder that does not exist is reported in the line about the environment, so it gets no line here. */
function readMigrations(context: Context): { collections: readonly string[]; line: readonly DoctorLine[] } {
  const name = 'migrations';
  try {
    const migrations = openProject(context.folders.migrations).load();
    const names = migrations.flatMap(({ changes }) => changes.map(({ place }) => place.collection));
    const found = `${count(migrations.length, 'migration')} in ${context.folders.migrations}`;
    return { collections: [...new Set(names)], line: [{ name, state: 'ok', found }] };
  } catch (error) {
    const line = errorCodeOf(error) === 'USAGE' ? [] : [lineOf(error, name, 'problem')];
    return { collections: [], line };
  }
}

/** Returns what `read` returns, or undefined when it throws. The error is reported in the line about the environment. */
function unless<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function describe({ name, state, found, details = [], fix }: DoctorLine): string[] {
  const below = [...details, ...(fix === undefined ? [] : [`fix: ${fix}`])].flatMap((text) => text.split('\n'));
  return [`${state.padEnd(8)} ${name}: ${found}`, ...below.map((text) => `${' '.repeat(9)}${text}`)];
}
