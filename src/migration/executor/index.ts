export { applyChanges, judgeAhead } from './apply';
export { judge } from './judge';
export type { JudgedChange, Verdict } from './judge';
export type { ChangeOutcome, Outcome } from './outcome';
export { inspectServer, type ServerFacts } from './session';
export type { Session } from './session';
