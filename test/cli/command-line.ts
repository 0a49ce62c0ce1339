import { Readable } from 'node:stream';
import { product } from '../../product';
import { createProgram, run } from '../../src/cli/run';
import { Collected, type Ended, type Environment } from '../support/schema-command';

const streams = () => ({ stdin: Readable.from([]), stdout: new Collected(), stderr: new Collected() });

/** Runs exactly this command line in this process: unlike `runSchema`, it adds no option. */
export async function runCommandLine(args: readonly string[], env: Environment = {}): Promise<Ended> {
  const io = streams();
  const exitCode = await run(args, io, env, product);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** A verb, and an example of the arguments that it cannot do without. */
export interface Verb {
  readonly name: string;
  readonly required: readonly string[];
}

/** Every verb that the program has. */
export function verbsOfProgram(): Verb[] {
  return createProgram(streams(), {}, product).program.commands.map((command) => ({
    name: command.name(),
    required: [
      ...command.registeredArguments.filter(({ required }) => required).map(() => 'value'),
      ...command.options
        .filter(({ mandatory }) => mandatory)
        .flatMap(({ long, argChoices }) => [long ?? '', argChoices?.[0] ?? 'value']),
    ],
  }));
}
