import { Command, CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from '../src/cli/exit-codes';
import { findFolders } from '../src/cli/folders';
import { findMigrations, resolveName } from '../src/project';
import { migrationName } from '../src/migration';
import { SchemaError } from '../src/support/schema-error';

export interface TestMigrationIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Replays a migration of a folder, and resolves to an exit code. */
  readonly replay: (name: string, folder: string) => Promise<number>;
}

/** Runs `npm run test:migration` with a command line. Resolves to the exit code. */
export async function testMigration(
  argv: readonly string[],
  { stdout, stderr, replay }: TestMigrationIo,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const program = new Command('npm run test:migration --')
    .description('Replays one migration after its predecessors: up, down, up again, and from every half-done state.')
    .argument('[name]', 'the name of the migration, or a unique part of it')
    .option('--migrations <folder>', 'where the migrations are (default: SCHEMA_MIGRATIONS, else migrations/)')
    .addHelpText('after', '\nExample:\n  $ npm run test:migration -- add_tags')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();
  try {
    program.parse(argv, { from: 'user' });
    const options = program.opts<{ migrations?: string }>();
    const { migrations: folder } = findFolders({ migrations: env['SCHEMA_MIGRATIONS'], ...options });
    return await replay(choose(folder, program.args[0]), folder);
  } catch (error) {
    // Commander has already printed the usage error. `--help` ends here too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    stderr.write(`error ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodeOf(error);
  }
}

/** @throws error with code `USAGE` that lists names when none or several match */
function choose(folder: string, wanted = ''): string {
  const names = findMigrations(folder).map(migrationName);
  if (names.length === 0)
    throw new SchemaError('USAGE', 'There is no migration to test', { why: `${folder} holds none` });
  if (wanted !== '') return resolveName(names, wanted);
  throw new SchemaError('USAGE', 'No migration is named', {
    why: ['the newest are:', ...names.slice(-10)],
    fix: 'name one: npm run test:migration -- NAME, or a unique part of its name',
  });
}
