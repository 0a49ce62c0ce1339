import type { TypesReport } from './report';
import { TypeChecker } from './types';

/** The message that this process may receive many times: which file to check. */
export interface TypesOrder {
  readonly file: string;
  /** The id that the answer repeats. */
  readonly id: number;
}

export interface TypesAnswer {
  readonly id: number;
  readonly report: TypesReport;
}

// Types are checked in a separate process, so that the watching process can react to signals and saves.
const checker = new TypeChecker();
process.on('message', ({ id, file }: TypesOrder) => {
  const answer: TypesAnswer = { id, report: checker.check(file) };
  process.send?.(answer);
});
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
