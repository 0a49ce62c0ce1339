import { defaultIndexName, entriesIn, type Schema } from '../schema';
import { shownPath } from './redact';

/** How the server answered a query, in a few words: which indexes it read, by their keys. */
export interface PlanSummary {
  readonly steps: readonly PlanStep[];
  /** It sorted what it had read, in memory. */
  readonly sorts: boolean;
}

export interface PlanStep {
  /** As the server calls it: `IXSCAN`, `COLLSCAN`, `IDHACK`. */
  readonly stage: string;
  /** The key of the index. */
  readonly key?: Readonly<Record<string, number | string>>;
}

const step = /([A-Z][A-Z0-9_]*)(?: \{ ([^}]*) \})?/g;
const field = /(?:^|, )([^:]+): ("[^"]*"|-?\d+(?:\.\d+)?)/g;

/** Reads `IXSCAN { user_id: 1, created_at: -1 }, COLLSCAN`. It holds no value of a query. */
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

/** `IXSCAN user_id_1, SORT`. An index that the schema has goes by its name there. */
export function planText({ steps, sorts }: PlanSummary, collection: string, schema: Schema): string {
  const words = steps.map(({ stage, key }) => (key ? `${stage} ${indexName(key, collection, schema)}` : stage));
  return [...new Set(words), ...(sorts ? ['SORT'] : [])].join(', ');
}

function indexName(key: Readonly<Record<string, number | string>>, collection: string, schema: Schema): string {
  const text = JSON.stringify(Object.entries(key));
  const found = entriesIn(schema, collection, 'index').find(
    ({ value }) => JSON.stringify(Object.entries(value.key)) === text,
  );
  return found?.place.name ?? shownPath(defaultIndexName(key));
}
