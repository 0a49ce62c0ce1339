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
 * Runs a command line in this process. This function depends only on its arguments. It never ends the process, except at a second signal.
 * @param given the verb and its options, without the name of the program: `['deploy', '--json']`
 * @param env the environment variables; the caller has to load a `.env` file, if any
 * @returns the exit code
 */
export async function run(given: readonly string[], io: Io, env: NodeJS.ProcessEnv, product: Product): Promise<number> {
  // Without a verb, show the overview. Without MONGODB_URL, show the list of verbs instead, because the overview needs a server.
  const argv = given.length === 0 && env['MONGODB_URL'] ? ['overview'] : given;
  const { program, context } = createProgram(io, env, product, argv);
  // Look for these options without commander: it may fail to parse the command line.
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
    // `--help` ends here too.
    if (error.exitCode === 0) return exitCodes.ok;
    printError(context, usageError(error, program, argv), { json });
    return exitCodes.usage;
  }
}

/**
 * Returns the command line, and the context for its verbs.
 * @param argv only the verbs in `argv` are loaded, with their options; without `argv`, all verbs are loaded
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
    .description(`Manages the schema of ${product.title}: its migrations, history and state.`)
    .helpCommand(false)
    // `usageError` adds all suggestions, so that they have the same form.
    .showSuggestionAfterError(false)
    .version(toolVersion(), '--version', 'show the version of this tool')
    .option('--migrations <folder>', 'where the migrations are (default: SCHEMA_MIGRATIONS, else migrations/)')
    .option(
      '--schema-folder <folder>',
      'where schema.json and SCHEMA.md are (default: SCHEMA_FOLDER, else schema/ next to the migrations)',
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
      // Print nothing here: commander also throws usage errors, and `run` prints them like all other errors.
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
