import type { Db } from 'mongodb';
import { readIndexes, readSchema, withReads, type Target } from '../database';
import { purposesOf, type Migration } from '../migration';
import { entries, type Index } from '../schema';
import { nearest } from '../support/nearest';
import { SchemaError } from '../support/schema-error';
import { explainQuery, queryLimit, type ExplainedQuery } from './explain-query';
import { placeText, withoutQuery, type IndexPlace, type KnownQuery } from './known-query';

export interface ExplainReport {
  readonly queries: readonly ExplainedQuery[];
  /** The indexes of the database that have no known query, each with its purpose according to the migrations. */
  readonly noQueryKnown: readonly (IndexPlace & { readonly serves?: string })[];
}

export interface ExplainOptions {
  readonly target: Target;
  readonly migrations: readonly Migration[];
  /** All known queries. */
  readonly queries: readonly KnownQuery[];
  /** The name of the query to explain. The default is all. */
  readonly name?: string | undefined;
}

/**
 * Explains how a server answers the queries of the product. The server runs each query. Nothing is written.
 * @throws error with code `USAGE` for an unknown name; the error suggests similar names
 */
export async function explainQueries({ target, migrations, queries, name }: ExplainOptions): Promise<ExplainReport> {
  const wanted = name === undefined ? queries : [queryNamed(queries, name)];
  const purposes = purposesOf(migrations);
  const served = (place: IndexPlace) => {
    const serves = purposes.get(placeText(place));
    return serves === undefined ? {} : { serves };
  };
  const look = async ({ db }: { readonly db: Db }): Promise<ExplainReport> => {
    const indexes = new Map<string, Record<string, Index>>();
    const explained: ExplainedQuery[] = [];
    for (const query of wanted) {
      const { collection, index } = query;
      const own = indexes.get(collection) ?? (await readIndexes(db, collection));
      indexes.set(collection, own);
      // Explain one query at a time, to limit the load on the server.
      explained.push({ ...(await explainQuery(db, query, own)), ...served({ collection, name: index }) });
    }
    return { queries: explained, noQueryKnown: name === undefined ? await unknownIn(db) : [] };
  };
  const unknownIn = async (db: Db) => {
    const { schema } = await readSchema(db, { readsWhatItMay: true });
    const places = entries(schema, 'index').map(({ place }) => place);
    return withoutQuery(queries, places).map((place) => ({ ...place, ...served(place) }));
  };
  return withReads(target, look, { longest: queryLimit });
}

/** @throws error with code `USAGE` for an unknown name */
export function queryNamed(queries: readonly KnownQuery[], name: string): KnownQuery {
  const found = queries.find((query) => query.name === name);
  if (found) return found;
  const meant = nearest(
    name,
    queries.map((query) => query.name),
  );
  throw new SchemaError('USAGE', `There is no query ${name}`, {
    fix: `${meant === undefined ? '' : `did you mean ${meant}? `}\`schema explain\` lists the queries of queries.ts`,
  });
}
