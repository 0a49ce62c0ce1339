import { Command, CommanderError } from 'commander';
import { redact } from '../support/redact';
import { toolVersion } from '../history/actor';
import { asTyped } from './as-typed';
import { Context, type Io } from './context';
import { exitCodeOf, exitCodes } from './exit-codes';
import { register as registerHelp } from './help';
import { printError } from './output';
import type { Product } from './product';
import { usageError } from './usage-error';
import { verbs } from './verbs';

/**
 * Runs a command line, in this process. It reads nothing but what it is given, and never ends the process, unless a second
 * signal asks for that.
 * @param given the verb and its options, without the program: `['deploy', '--json']`
 * @param env the variables that configure it; a `.env` file is the caller's business
 * @returns the exit code
 */
export async function run(given: readonly string[], io: Io, env: NodeJS.ProcessEnv, product: Product): Promise<number> {
  // Where no server is named there is nothing to show: then it is told which verbs there are.
  const argv = given.length === 0 && env['MONGODB_URL'] ? ['overview'] : given;
  const { program, context } = createProgram(io, env, product, argv);
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

/**
 * The command line, and what its verbs work with.
 * @param argv Only verbs that are named here are loaded, with their options; all unless given.
 */
export function createProgram(
  io: Io,
  env: NodeJS.ProcessEnv,
  product: Product,
  argv?: readonly string[],
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
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => {
        context.write(text);
      },
      writeErr: (text) => {
        context.io.stderr.write(asTyped(redact(text)));
      },
      // What is wrong with the command line is printed as every other error is, once it is thrown.
      outputError: () => undefined,
    })
    .exitOverride();
  for (const { name, summary, load } of [...verbs, ...product.verbs]) {
    if (argv?.includes(name) === false) program.command(name);
    else load()(program, context);
    program.commands.find((command) => command.name() === name)?.summary(summary);
  }
  registerHelp(program);
  return { program, context };
}
