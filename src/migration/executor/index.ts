export { applyChanges } from './apply';
export { judge } from './judge';
export type { JudgedChange, Verdict } from './judge';
export type { ChangeOutcome, Outcome } from './outcome';
export { inspectServer, type ServerFacts } from './session';
export { explainPrivilege, summaryOf } from './server-errors';
export type { Session } from './session';
