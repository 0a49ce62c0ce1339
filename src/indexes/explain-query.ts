import { MongoServerError, type Db, type Document } from 'mongodb';
import { maxTimeExpired } from '../database/server-errors';
import type { Index } from '../schema';
import { filterOf } from './example';
import type { KnownQuery } from './known-query';
import { readPlan, type QueryPlan } from './query-plan';

/** How long the server may take for one query, in milliseconds. */
export const queryLimit = 10_000;

/** How a server answers one of the known queries. */
export interface ExplainedQuery extends Pick<KnownQuery, 'name' | 'collection' | 'index'> {
  /** What its index is there for, by the migrations. */
  readonly serves?: string;
  readonly plan: QueryPlan;
  /** What is not as it should be, in a few words each. */
  readonly problems: readonly string[];
}

/**
 * Asks a server how it answers a query. It runs it, as the application would, but for 10 s at most; what it returns stays at the
 * server. That counts in no statistics of the index.
 * @param indexes those that the collection has
 */
export async function explainQuery(
  db: Db,
  query: KnownQuery,
  indexes: Readonly<Record<string, Index>>,
): Promise<ExplainedQuery> {
  const { name, collection, index } = query;
  const own = Object.hasOwn(indexes, index) ? indexes[index] : undefined;
  const canHint = own !== undefined && own.hidden !== true;
  const filter = await filterOf(db.collection(collection), query, canHint ? index : undefined);
  const { plan, isCut } = await planOf(db, query, filter);
  const problems = [
    ...problemsOf(query, plan, own),
    ...(isCut ? [`it takes longer than ${queryLimit / 1000} s, and was ended`] : []),
  ];
  return { name, collection, index, plan, problems };
}

async function planOf(
  db: Db,
  { collection, sort, limit }: KnownQuery,
  filter: Document,
): Promise<{ readonly plan: QueryPlan; readonly isCut: boolean }> {
  const find = { find: collection, filter, ...(sort && { sort }), ...(limit !== undefined && { limit }) };
  const ask = async (verbosity: string, maxTimeMS: number) =>
    readPlan(await db.command({ explain: find, verbosity, maxTimeMS }));
  try {
    return { plan: await ask('executionStats', queryLimit), isCut: false };
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== maxTimeExpired) throw error;
    return { plan: await ask('queryPlanner', queryLimit), isCut: true };
  }
}

function problemsOf({ index, sort = {} }: KnownQuery, plan: QueryPlan, own: Index | undefined): string[] {
  const isByRelevance = Object.values(sort).some((how) => typeof how === 'object');
  const others = plan.indexes.filter((one) => one !== index);
  return [
    ...(own === undefined ? [`its index ${index} is not there`] : []),
    ...(own?.hidden === true ? [`its index ${index} is hidden`] : []),
    ...(plan.scans ? ['it reads the whole collection'] : []),
    ...(others.length > 0 ? [`it uses ${others.join(', ')}${own ? `, not ${index}` : ''}`] : []),
    ...(plan.sorts && !isByRelevance ? ['it sorts in memory'] : []),
  ];
}
