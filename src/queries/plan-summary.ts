import { defaultIndexName, entriesIn, type Schema } from '../schema';
import { shownPath } from './redact';

/** The summary of a query plan: its stages, with the keys of the indexes that they read. */
export interface PlanSummary {
  readonly steps: readonly PlanStep[];
  /** Whether the server sorted documents in memory. */
  readonly sorts: boolean;
}

export interface PlanStep {
  /** The server's name of the stage: `IXSCAN`, `COLLSCAN`, `IDHACK`. */
  readonly stage: string;
  /** The key of the index. */
  readonly key?: Readonly<Record<string, number | string>>;
}

const step = /([A-Z][A-Z0-9_]*)(?: \{ ([^}]*) \})?/g;
const field = /(?:^|, )([^:]+): ("[^"]*"|-?\d+(?:\.\d+)?)/g;

/** Reads a plan summary such as `IXSCAN { user_id: 1, created_at: -1 }, COLLSCAN`. A plan summary contains no values of the query. */
export function readPlanSummary(summary: unknown, sorts: boolean): PlanSummary {
  if (typeof summary !== 'string') return { steps: [], sorts };
  const steps = [...summary.matchAll(step)].map(([, stage = '', inner]): PlanStep => {
    if (inner === undefined) return { stage };
    const key = [...inner.matchAll(field)].map(([, name = '', kind = '']) => [
      name,
      JSON.parse(kind) as number | string,
    ]);
    return { stage, key: Object.fromEntries(key) as Record<string, number | string> };
  });
  return { steps, sorts };
}

/** Returns the plan as text, such as `IXSCAN user_id_1, SORT`. An index that is not in the schema is shown under its default name. */
export function planText({ steps, sorts }: PlanSummary, collection: string, schema: Schema): string {
  const words = steps.map(({ stage, key }) => (key ? `${stage} ${indexName(key, collection, schema)}` : stage));
  return [...new Set(words), ...(sorts ? ['SORT'] : [])].join(', ');
}

/** Returns the names of the indexes that the plan reads, as `planText` shows them. */
export function indexesIn({ steps }: PlanSummary, collection: string, schema: Schema): string[] {
  return steps.flatMap(({ key }) => (key ? [indexName(key, collection, schema)] : []));
}

function indexName(key: Readonly<Record<string, number | string>>, collection: string, schema: Schema): string {
  const text = JSON.stringify(Object.entries(key));
  const found = entriesIn(schema, collection, 'index').find(
    ({ value }) => JSON.stringify(Object.entries(value.key)) === text,
  );
  return found?.place.name ?? shownPath(defaultIndexName(key));
}
