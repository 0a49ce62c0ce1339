import type { Document } from 'mongodb';
import { isObject } from '../support/is-object';
import { boundsInWords } from './bounds';

/** A stage of a plan, and the stages that it reads from. A stage contains no values of documents. */
export interface PlanStage {
  /** The server's name of the stage: `IXSCAN`. */
  readonly stage: string;
  readonly index?: string;
  /** Whether the index is read from its end. */
  readonly isBackward?: true;
  /** Which values of each field of the index are read: `1 value`, `a range`, `all`. */
  readonly bounds?: Readonly<Record<string, string>>;
  /** The fields that the stage sorts by, in memory. */
  readonly sortsBy?: readonly string[];
  /** The fields that are checked after a document is read. */
  readonly filtersOn?: readonly string[];
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly returned?: number;
  readonly inputs: readonly PlanStage[];
}

/** The cost of running a query. */
export interface PlanCost {
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
  readonly milliseconds: number;
}

/** How the server answers a query. */
export interface QueryPlan {
  readonly tree: PlanStage;
  /** The indexes that the plan reads. */
  readonly indexes: readonly string[];
  /** Whether the plan reads the whole collection. */
  readonly scans: boolean;
  /** Whether the plan sorts in memory before it returns the first document. A sort by relevance always does this. */
  readonly sorts: boolean;
  /** The cost of the run; undefined when the query did not run to its end. */
  readonly cost?: PlanCost;
  /** The code of the error with which the server aborted the query. */
  readonly error?: number;
}

/** Parses the result of `explain`, from either query engine of the server (classic or SBE). */
export function readPlan({ queryPlanner, executionStats }: Document): QueryPlan {
  const winning = (queryPlanner as Document)['winningPlan'] as Document;
  // The newer engine (SBE) nests the plan, and reports the counts differently.
  const isSlots = isObject(winning['queryPlan']);
  const stats = executionStats as Document | undefined;
  const ran = isSlots ? undefined : (stats?.['executionStages'] as Document | undefined);
  const tree = stageOf(ran ?? (isSlots ? (winning['queryPlan'] as Document) : winning));
  const all = stagesIn(tree);
  return {
    tree,
    indexes: [...new Set(all.flatMap(({ index }) => index ?? []))],
    scans: all.some(({ stage }) => stage === 'COLLSCAN'),
    sorts: all.some(({ sortsBy }) => sortsBy !== undefined),
    ...(stats && outcomeOf(stats)),
  };
}

/** Returns the cost of a run. If the run was aborted, only the error is known. */
function outcomeOf(stats: Document): Pick<QueryPlan, 'cost' | 'error'> {
  if (stats['executionSuccess'] === false) return { error: Number(stats['errorCode']) };
  return {
    cost: {
      keysExamined: Number(stats['totalKeysExamined']),
      docsExamined: Number(stats['totalDocsExamined']),
      returned: Number(stats['nReturned']),
      milliseconds: Number(stats['executionTimeMillis']),
    },
  };
}

/** Returns a stage and all stages below it. */
export function stagesIn(tree: PlanStage): PlanStage[] {
  return [tree, ...tree.inputs.flatMap(stagesIn)];
}

const inputNames = ['inputStage', 'outerStage', 'innerStage', 'thenStage', 'elseStage'];

function stageOf(raw: Document): PlanStage {
  const stage = String(raw['stage']);
  const { indexName, direction, indexBounds, filter, sortPattern } = raw;
  const number = (name: string, as: keyof PlanStage) => (typeof raw[name] === 'number' ? { [as]: raw[name] } : {});
  const single = inputNames.flatMap((name) => (isObject(raw[name]) ? [raw[name] as Document] : []));
  const several = Array.isArray(raw['inputStages']) ? (raw['inputStages'] as Document[]) : [];
  return {
    stage,
    ...(typeof indexName === 'string' && { index: indexName }),
    ...(direction === 'backward' && indexName !== undefined && stage === 'IXSCAN' && { isBackward: true as const }),
    ...(isObject(indexBounds) && Object.keys(indexBounds).length > 0 && { bounds: boundsInWords(indexBounds) }),
    ...(isObject(sortPattern) && { sortsBy: Object.entries(sortPattern).map(sortName) }),
    ...(isObject(filter) && { filtersOn: fieldsOf(filter) }),
    ...number('keysExamined', 'keysExamined'),
    ...number('docsExamined', 'docsExamined'),
    ...number('nReturned', 'returned'),
    inputs: [...single, ...several].map(stageOf),
  };
}

/**
 * Returns a name for a sort key. For a key that is not a field, such as a text score, the server reports an object instead of a direction.
 */
function sortName([name, how]: [string, unknown]): string {
  return isObject(how) ? 'relevance' : name;
}

/** Returns the fields that a filter names, with any operator. */
function fieldsOf(filter: unknown): string[] {
  if (Array.isArray(filter)) return [...new Set(filter.flatMap(fieldsOf))];
  if (!isObject(filter)) return [];
  const fields = Object.entries(filter).flatMap(([name, inner]) => (name.startsWith('$') ? fieldsOf(inner) : [name]));
  return [...new Set(fields)];
}
