import { createInterface } from 'node:readline/promises';
import type { Context } from './context';
import { SchemaError } from '../support/schema-error';

/** Whether somebody sits there who can be asked. */
export function canAsk({ io }: Pick<Context, 'io'>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/**
 * Asks on the terminal to type a text, and resolves to whether that was done.
 * @param doing what is asked about, for the error: `whether to roll back`
 * @throws error with code `USAGE` where nobody can be asked.
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

/** @throws error with code `USAGE` where nobody can be asked. */
export function refuseUnasked(context: Context, doing: string): void {
  if (canAsk(context)) return;
  throw new SchemaError('USAGE', `There is no terminal to ask ${doing}, so nothing was changed`, { fix: 'say --yes' });
}
