import { createInterface } from 'node:readline/promises';
import type { Context } from './context';
import { SchemaError } from '../support/schema-error';

/** Returns whether a person can be asked, which means that input and output are a terminal. */
export function canAsk({ io }: Pick<Context, 'io'>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/**
 * Asks the person on the terminal to type a certain text. Resolves to whether the person typed it.
 * @param doing what the question is about, for the error message, such as `whether to roll back`
 * @throws error with code `USAGE` when there is no terminal.
 */
export async function confirmByTyping(
  context: Context,
  { doing, question, answer }: { doing: string; question: string; answer: string },
): Promise<boolean> {
  refuseUnasked(context, doing);
  const terminal = createInterface({ input: context.io.stdin, output: context.io.stderr });
  try {
    return (await terminal.question(question)) === answer;
  } finally {
    terminal.close();
  }
}

/** @throws error with code `USAGE` when there is no terminal to ask on. */
export function refuseUnasked(context: Context, doing: string): void {
  if (canAsk(context)) return;
  throw new SchemaError('USAGE', `There is no terminal on which to ask ${doing}, so nothing was changed`, {
    fix: 'add --yes',
  });
}
