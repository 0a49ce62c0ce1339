import { runsInCI } from '../support/process-env';

/** What is known of a stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Goes to the beginning of the line, and empties it. */
export const clearLine = '\r\u001b[2K';

/** Whether colours are shown as such, and wanted: on a terminal, unless NO_COLOR or CI is set. */
export function takesColours({ isTTY }: MaybeTerminal, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb' && !runsInCI(env);
}

/** How wide lines may be; undefined where nothing tells, as in a pipe. */
export function columnsOf({ columns }: MaybeTerminal, env: NodeJS.ProcessEnv): number | undefined {
  return [columns, Number(env['COLUMNS'])].find((known) => known !== undefined && known > 0);
}
