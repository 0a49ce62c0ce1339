import type { TypesReport } from './report';
import { TypeChecker } from './types';

/** What this process is told, again and again: which file to check. */
export interface TypesOrder {
  readonly file: string;
  /** Comes back with the answer. */
  readonly id: number;
}

export interface TypesAnswer {
  readonly id: number;
  readonly report: TypesReport;
}

// A process of its own, so that the one that watches stays free for signals and saves.
const checker = new TypeChecker();
process.on('message', ({ id, file }: TypesOrder) => {
  const answer: TypesAnswer = { id, report: checker.check(file) };
  process.send?.(answer);
});
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
