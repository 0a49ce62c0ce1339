export { explainQuery, queryLimit, type ExplainedQuery } from './explain-query';
export { placeText, queriesOf, withoutIndex, withoutQuery, type IndexPlace, type KnownQuery } from './known-query';
export { readPlan, stagesIn, type PlanCost, type PlanStage, type QueryPlan } from './query-plan';
export type { IndexFlag } from './judge';
export { reportIndexes, unneededIn, type IndexesOptions, type IndexesReport, type IndexLine } from './report';
export { readUse, withoutPlace, type AskedMember, type IndexUse, type UseReport } from './use';
export { explainQueries, type ExplainOptions, type ExplainReport } from './explain';
export { explainWithout, type WithoutOptions, type WithoutReport } from './without';
export { lossOf, type IndexLoss, type PendingLoss } from './losses';
