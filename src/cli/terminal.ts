import { runsInCI } from '../support/process-env';

/** The properties of a stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Moves the cursor to the start of the line and clears the line. */
export const clearLine = '\r\u001b[2K';

/** Returns whether to print colours: on a terminal, unless NO_COLOR or CI is set. */
export function takesColours({ isTTY }: MaybeTerminal, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb' && !runsInCI(env);
}

/** Returns the width of the terminal in columns; undefined when it is unknown, as in a pipe. */
export function columnsOf({ columns }: MaybeTerminal, env: NodeJS.ProcessEnv): number | undefined {
  return [columns, Number(env['COLUMNS'])].find((known) => known !== undefined && known > 0);
}
