export { explainQuery, queryLimit, type ExplainedQuery } from './explain-query';
export { placeText, queriesOf, withoutIndex, withoutQuery, type IndexPlace, type KnownQuery } from './known-query';
export { readPlan, stagesIn, type PlanCost, type PlanStage, type QueryPlan } from './query-plan';
