import { InvalidArgumentError, type Command } from 'commander';
import { runDb } from '../server';

export function registerDb(program: Command): void {
  program
    .command('db')
    .summary('keep an embedded mongod running')
    .description('Runs an embedded mongod in the foreground, with its data in .mongodb/, until Ctrl-C.')
    .option('--port <number>', 'the port to listen on', toPort, 27017)
    .addHelpText('after', '\nExamples:\n  $ npm run db\n  $ npm run db -- --port 27018')
    .action((options: { port: number }) => runDb(options));
}

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}
