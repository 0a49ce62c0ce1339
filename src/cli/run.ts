import { Command, CommanderError } from 'commander';
import { redact } from '../support/redact';
import { toolVersion } from '../history';
import { registerAccept } from './accept';
import { registerBackup } from './backup';
import { registerBaseline } from './baseline';
import { Context, type Io } from './context';
import { registerDb } from './db';
import { registerDeploy } from './deploy';
import { registerDiff } from './diff';
import { registerDoctor } from './doctor';
import { registerDrift } from './drift';
import { registerExplain } from './explain';
import { exitCodeOf, exitCodes } from './exit-codes';
import { registerHealth } from './health';
import { registerHelp } from './help';
import { registerHistory } from './history';
import { registerIndexes } from './indexes';
import { registerLint } from './lint';
import { registerNew } from './new';
import { printError } from './output';
import { registerPlan } from './plan';
import type { Product } from './product';
import { registerRedo } from './redo';
import { registerReport } from './report';
import { registerReset } from './reset';
import { registerRestore } from './restore';
import { registerRollback } from './rollback';
import { registerSnapshot } from './snapshot';
import { registerStatus } from './status';
import { registerUnlock } from './unlock';
import { usageError } from './usage-error';
import { registerVerifyBackup } from './verify-backup';
import { registerWatch } from './watch';

const verbs = [
  registerNew,
  registerWatch,
  registerStatus,
  registerPlan,
  registerDeploy,
  registerDrift,
  registerDiff,
  registerReport,
  registerRollback,
  registerRedo,
  registerReset,
  registerHistory,
  registerAccept,
  registerBaseline,
  registerUnlock,
  registerLint,
  registerSnapshot,
  registerHealth,
  registerExplain,
  registerIndexes,
  registerBackup,
  registerRestore,
  registerVerifyBackup,
  registerDb,
  registerDoctor,
];

/**
 * Runs a command line, in this process. It reads nothing but what it is given, and never ends the process, unless a second
 * signal asks for that.
 * @param argv the verb and its options, without the program: `['deploy', '--json']`
 * @param env the variables that configure it; a `.env` file is the caller's business
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io, env: NodeJS.ProcessEnv, product: Product): Promise<number> {
  const { program, context } = createProgram(io, env, product);
  // Looked for by hand: what is wrong may be the command line itself.
  const json = argv.includes('--json');
  const verbose = argv.includes('--verbose');
  try {
    await program.parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      printError(context, error, { json, verbose });
      return exitCodeOf(error);
    }
    // --help comes this way too.
    if (error.exitCode === 0) return exitCodes.ok;
    printError(context, usageError(error, program, argv), { json });
    return exitCodes.usage;
  }
}

/** The command line with all its verbs, and what they work with. */
export function createProgram(
  io: Io,
  env: NodeJS.ProcessEnv,
  product: Product,
): { program: Command; context: Context } {
  const program = new Command('schema');
  const context = new Context(io, env, product, program);
  program
    .description(`The schema of ${product.title}: migrations, and what is known of them.`)
    .helpCommand(false)
    // What was meant is looked for in one way everywhere.
    .showSuggestionAfterError(false)
    .version(toolVersion(), '--version', 'show the version of this tool')
    .option('--migrations <folder>', 'where the migrations are (default: SCHEMA_MIGRATIONS, else migrations/)')
    .option(
      '--schema-folder <folder>',
      'where schema.json and SCHEMA.md are (default: SCHEMA_FOLDER, else schema/ beside the migrations)',
    )
    .option('--verbose', 'show where in the code an error was thrown')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => {
        context.write(text);
      },
      writeErr: (text) => {
        context.io.stderr.write(redact(text));
      },
      // What is wrong with the command line is printed as every other error is, once it is thrown.
      outputError: () => undefined,
    })
    .exitOverride();
  for (const register of [...verbs, ...product.verbs(), registerHelp]) register(program, context);
  return { program, context };
}
