import { placeText, type ExplainedQuery, type PlanStage, type QueryPlan } from '../indexes';
import { count } from './output';

/** Returns the table row of a query: the indexes and scans that answer it, and the keys and documents that they examine. */
export function explainRow({ name, collection, plan }: ExplainedQuery): (string | number)[] {
  const cost = plan?.cost;
  const by = plan ? answeredBy(collection, plan) : 'nothing: the query fails';
  if (!cost) return [name, by, '', '', '', ''];
  return [name, by, cost.keysExamined, cost.docsExamined, cost.returned, cost.milliseconds];
}

function answeredBy(collection: string, { indexes, scans, sorts, tree }: QueryPlan): string {
  const read = indexes.map((name) => placeText({ collection, name }));
  const parts = [...read, ...(scans ? ['a scan of the whole collection'] : []), ...(sorts ? ['a sort'] : [])];
  return parts.length > 0 ? parts.join(', ') : tree.stage;
}

/** Describes a query with its whole plan, as a tree. */
export function describeQuery({ name, collection, index, serves, plan, problems }: ExplainedQuery): string[] {
  const cost = plan?.cost;
  return [
    `${name}, served by ${placeText({ collection, name: index })}${serves === undefined ? '' : `: ${serves}`}`,
    '',
    ...(plan ? [...treeOf(plan.tree), ''] : []),
    ...problems.map((problem) => `Problem: ${problem}.`),
    cost
      ? `${count(cost.keysExamined, 'key')} and ${count(cost.docsExamined, 'document')} examined for ${cost.returned} returned, in ${cost.milliseconds} ms.`
      : 'The query did not finish, so there are no counts.',
  ];
}

function treeOf(stage: PlanStage, first = '', rest = ''): string[] {
  const { inputs } = stage;
  const hasInputs = inputs.length > 0;
  return [
    first + lineOf(stage),
    ...boundsOf(stage).map((line) => `${rest}${hasInputs ? '│' : ' '}    ${line}`),
    ...inputs.flatMap((input, at) =>
      at === inputs.length - 1 ? treeOf(input, `${rest}└─ `, `${rest}   `) : treeOf(input, `${rest}├─ `, `${rest}│  `),
    ),
  ];
}

function lineOf({ stage, index, isBackward, sortsBy, filtersOn, ...numbers }: PlanStage): string {
  const { keysExamined, docsExamined, returned } = numbers;
  const words = [
    ...(isBackward ? ['backward'] : []),
    ...(sortsBy ? [`by ${sortsBy.join(', ')}`] : []),
    ...(filtersOn && filtersOn.length > 0 ? [`filters on ${filtersOn.join(', ')}`] : []),
    ...(keysExamined === undefined ? [] : [count(keysExamined, 'key')]),
    ...(docsExamined === undefined ? [] : [count(docsExamined, 'document')]),
    ...(returned === undefined ? [] : [`${returned} returned`]),
  ];
  return `${stage}${index === undefined ? '' : ` ${index}`}${words.length > 0 ? `  ${words.join(', ')}` : ''}`;
}

function boundsOf({ bounds = {} }: PlanStage): string[] {
  return Object.entries(bounds).map(([field, what]) => `${field}: ${what}`);
}
