import { withReads, readIndexes, type Target } from '../database';
import { nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';
import { withCopy, type CopySize } from './copy';
import { explainQuery, queryLimit, type ExplainedQuery } from './explain-query';
import { queryNamed } from './explain';
import { placeText, type IndexPlace, type KnownQuery } from './known-query';

export interface WithoutOptions {
  readonly target: Target;
  readonly queries: readonly KnownQuery[];
  /** The name of the query to try. The default is all known queries that use the index. */
  readonly name?: string | undefined;
  /** The index: `users.email_1`. The name of the index is enough when a query is named. */
  readonly index: string;
  /** How many documents to copy. */
  readonly sample: number;
  readonly env: NodeJS.ProcessEnv;
}

/** How a copy of the collection answers queries with an index, and without it. */
export interface WithoutReport extends CopySize {
  readonly index: IndexPlace;
  readonly queries: readonly { readonly with: ExplainedQuery; readonly without: ExplainedQuery }[];
}

/**
 * Shows what would happen to queries if an index were hidden. It hides the index on a copy of some documents, on a separate server. The live
 * server is only read.
 * @throws error with code `USAGE` for an unknown query or index; `NO_SERVER` when no mongod can be started
 */
export async function explainWithout(options: WithoutOptions): Promise<WithoutReport> {
  const { target, queries, name, sample, env } = options;
  const named = name === undefined ? undefined : queryNamed(queries, name);
  return withReads(
    target,
    async ({ db }) => {
      const place = placeOf(options, named);
      const indexes = await readIndexes(db, place.collection);
      if (!Object.hasOwn(indexes, place.name)) throw noIndex(place, Object.keys(indexes));
      const tried = named
        ? [named]
        : queries.filter(({ collection, index }) => placeText({ collection, name: index }) === placeText(place));
      if (tried.length === 0) throw noQuery(place);
      return withCopy(db, place.collection, { sample, env }, async (copy, size) => {
        const hide = (hidden: boolean) =>
          copy.command({ collMod: place.collection, index: { name: place.name, hidden } });
        const explain = async () => {
          const now = await readIndexes(copy, place.collection);
          const found: ExplainedQuery[] = [];
          for (const query of tried) found.push(await explainQuery(copy, query, now));
          return found;
        };
        await hide(false);
        const before = await explain();
        await hide(true);
        const after = await explain();
        return {
          index: place,
          ...size,
          queries: before.flatMap((one, at) => {
            const without = after[at];
            return without ? [{ with: one, without }] : [];
          }),
        };
      });
    },
    { longest: queryLimit },
  );
}

/** Finds the index among the known ones, because names of collections and indexes may contain dots. */
function placeOf({ index, queries }: WithoutOptions, query: KnownQuery | undefined): IndexPlace {
  const collections = query ? [query.collection] : queries.map(({ collection }) => collection);
  const collection = collections.find((one) => index.startsWith(`${one}.`));
  if (collection !== undefined) return { collection, name: index.slice(collection.length + 1) };
  if (query) return { collection: query.collection, name: index };
  const known = queries.map((one) => placeText({ collection: one.collection, name: one.index }));
  throw usage(`No known query reads the collection of ${index}`, index, known);
}

function noIndex(place: IndexPlace, names: readonly string[]): SchemaError {
  const known = names.map((name) => placeText({ ...place, name }));
  return usage(`There is no index ${placeText(place)} in the database`, placeText(place), known);
}

function noQuery(place: IndexPlace): SchemaError {
  return new SchemaError('USAGE', `There is no known query that ${placeText(place)} serves`, {
    fix: 'name the query: `schema explain QUERY --without INDEX`; or add it to queries.ts',
  });
}

function usage(summary: string, word: string, known: readonly string[]): SchemaError {
  const meant = nearest(word, known);
  return new SchemaError('USAGE', summary, {
    fix: `${meant === undefined ? '' : `did you mean ${meant}? `}\`schema indexes\` lists the indexes`,
  });
}
