export { applyChanges, judgeAhead } from './apply';
export { judge, judgePending } from './judge';
export { kindOf, type Kind } from './kinds';
export { lookBefore, type LookOptions, type PreflightFinding } from './preflight';
export type { JudgedChange, Verdict } from './judge';
export type { ChangeOutcome, Outcome } from './outcome';
export { inspectServer, type ServerFacts } from './session';
export { explainPrivilege, summaryOf } from './server-errors';
export type { Session } from './session';
