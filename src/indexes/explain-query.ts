import { MongoServerError, type Db, type Document } from 'mongodb';
import { maxTimeExpired, nameOfError, unauthorized } from '../database/server-errors';
import type { Index } from '../schema';
import { SchemaError } from '../support/schema-error';
import { filterOf } from './example';
import type { KnownQuery } from './known-query';
import { readPlan, type QueryPlan } from './query-plan';

/** The time limit for one query, in milliseconds. */
export const queryLimit = 10_000;

/** How a server answers one of the known queries. */
export interface ExplainedQuery extends Pick<KnownQuery, 'name' | 'collection' | 'index'> {
  /** The purpose of the index that the query should use, as the migrations state it. */
  readonly serves?: string;
  /** The plan; undefined when the server refuses the query. For example, a text search needs a text index. */
  readonly plan?: QueryPlan;
  /** The problems, each in a few words. */
  readonly problems: readonly string[];
}

/**
 * Asks a server how it answers a query. The server runs the query for a limited time. The documents of the result stay on
 * the server. This run does not count as use of the index.
 * @param indexes the indexes of the collection
 * @param limit the time limit, in milliseconds
 */
export async function explainQuery(
  db: Db,
  query: KnownQuery,
  indexes: Readonly<Record<string, Index>>,
  limit = queryLimit,
): Promise<ExplainedQuery> {
  const { name, collection, index } = query;
  const own = Object.hasOwn(indexes, index) ? indexes[index] : undefined;
  const canHint = own !== undefined && own.hidden !== true;
  const filter = await filterOf(db.collection(collection), query, canHint ? index : undefined);
  const { plan, problem } = await planOf(db, query, filter, limit);
  const problems = [...problemsOf(query, plan, own), ...(problem === undefined ? [] : [problem])];
  return { name, collection, index, ...(plan && { plan }), problems };
}

/** Error codes for a text search without a text index, or with one that may not be used. */
const noTextIndex: readonly unknown[] = [27, 291];

async function planOf(
  db: Db,
  query: KnownQuery,
  filter: Document,
  maxTimeMS: number,
): Promise<{ readonly plan?: QueryPlan; readonly problem?: string }> {
  const { collection, sort, limit } = query;
  const find = { find: collection, filter, ...(sort && { sort }), ...(limit !== undefined && { limit }) };
  const ask = async (verbosity: string) => readPlan(await db.command({ explain: find, verbosity, maxTimeMS }));
  try {
    const plan = await ask('executionStats');
    return plan.error === undefined ? { plan } : { plan, problem: endedBy(plan.error, maxTimeMS) };
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    if (noTextIndex.includes(error.code) && '$text' in filter)
      return { problem: 'the query fails: a text search needs a text index' };
    if (error.code !== maxTimeExpired) throw withoutValues(error, db, query);
    return { plan: await ask('queryPlanner'), problem: endedBy(maxTimeExpired, maxTimeMS) };
  }
}

function endedBy(code: number, maxTimeMS: number): string {
  return code === maxTimeExpired
    ? `the query takes longer than ${maxTimeMS / 1000} s, and was aborted`
    : `the query fails with error ${code} of the server`;
}

/** Returns an error without the text of the server's error, which repeats the query with values that may come from a document. */
function withoutValues(error: MongoServerError, db: Db, { name, collection }: KnownQuery): SchemaError {
  if (error.code !== unauthorized) return new SchemaError('SERVER', `Cannot explain ${name}: ${nameOfError(error)}`);
  return new SchemaError('NOT_ALLOWED', `Cannot explain ${name}`, {
    why: `this user lacks the privilege find on ${db.databaseName}.${collection}`,
    fix: `grant this user the role read on ${db.databaseName}, which the user \`monitor\` of docker/mongo-init.js has`,
  });
}

function problemsOf({ index, sort = {} }: KnownQuery, plan: QueryPlan | undefined, own: Index | undefined): string[] {
  const isByRelevance = Object.values(sort).some((how) => typeof how === 'object');
  const others = plan?.indexes.filter((one) => one !== index) ?? [];
  return [
    ...(own === undefined ? [`its index ${index} does not exist`] : []),
    ...(own?.hidden === true ? [`its index ${index} is hidden`] : []),
    ...(plan?.scans ? ['it reads the whole collection'] : []),
    ...(others.length > 0 ? [`it uses ${others.join(', ')}${own ? `, not ${index}` : ''}`] : []),
    ...(plan?.sorts && !isByRelevance ? ['it sorts in memory'] : []),
  ];
}
