import type { Command } from 'commander';
import { runDb } from '../mongod';
import type { Context } from './context';
import { toPort } from './options';

export function register(program: Command, context: Context): void {
  program
    .command('db')
    .description('Runs an embedded mongod in the foreground until Ctrl-C. Its data are in .mongodb/.')
    .option('--port <number>', 'the port to listen on', toPort, 27017)
    .addHelpText('after', '\nExamples:\n  $ npm run db\n  $ npm run db -- --port 27018')
    .action(({ port }: { port: number }) =>
      runDb({
        port,
        env: context.env,
        print: (line) => {
          context.print(undefined, [line], {});
        },
      }),
    );
}
