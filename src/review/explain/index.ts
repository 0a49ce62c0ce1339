export { explainChange } from './changes';
export type { ExplainedChange } from './changes';
export { fieldsOf, otherChecks } from './fields';
export type { Field } from './fields';
export {
  code,
  compact,
  count,
  describeDifferences,
  describeIndex,
  describeOptions,
  describeTtl,
  shorten,
  traitsOf,
} from './text';
export { describeExpressionChange, describeValidator } from './validators';
export { describeView, describeViewChange } from './views';
