import type { Db } from 'mongodb';
import { readSchema, storageStatsOf, withReads, type Target } from '../database';
import { purposesOf, type Migration } from '../migration';
import { entries, type Index } from '../schema';
import { judge, redundantIn, type IndexFlag } from './judge';
import { placeText, queriesOf, type IndexPlace, type KnownQuery } from './known-query';
import { readUse, withoutPlace, type AskedMember, type IndexUse } from './use';

export interface IndexesOptions {
  readonly target: Target;
  readonly migrations: readonly Migration[];
  readonly queries: readonly KnownQuery[];
  /** For how long no query has to use an index that is called unused, in seconds. */
  readonly window: number;
}

/** One index, how it is used, and what is to be said of it. */
export interface IndexLine extends IndexPlace {
  readonly flags: readonly IndexFlag[];
  /** The index that begins with its fields, and serves every query that it serves. */
  readonly redundantTo?: string;
  /** As the server has it. */
  readonly definition: Index;
  /** What it takes on the primary, in bytes; absent where this user may not know it. */
  readonly bytes?: number;
  readonly use?: Omit<IndexUse, keyof IndexPlace>;
  /** The query that it is there for, by the migrations. */
  readonly serves?: string;
  /** The known queries that it is there for. */
  readonly queries: readonly string[];
}

export interface IndexesReport {
  readonly indexes: readonly IndexLine[];
  readonly members: readonly AskedMember[];
  /** Whether every server told how it uses the indexes: else none is called unused. */
  readonly isWhole: boolean;
  readonly window: number;
  readonly unused: number;
}

/**
 * Every index of a database but those on `_id`: size, and use over all members. Writes nothing.
 * @throws error with code `NOT_ALLOWED` that names the role to grant
 */
export async function reportIndexes({ target, migrations, queries, window }: IndexesOptions): Promise<IndexesReport> {
  const { schema, bytes, used } = await withReads(target, async ({ db }) => {
    const { schema } = await readSchema(db);
    const collections = [...new Set(entries(schema, 'index').map(({ place }) => place.collection))];
    return { schema, bytes: await sizesOf(db, collections), used: await readUse(target, db, collections) };
  });
  const { indexes: uses, members, isWhole } = used;
  const byPlace = new Map(uses.map((use) => [placeText(use), use]));
  const redundant = redundantIn(schema);
  const purposes = purposesOf(migrations);
  const indexes = entries(schema, 'index').map(({ place, value }): IndexLine => {
    const key = placeText(place);
    const use = byPlace.get(key);
    const [size, serves, redundantTo] = [bytes.get(key), purposes.get(key), redundant.get(key)];
    return {
      ...place,
      definition: value,
      ...(size !== undefined && { bytes: size }),
      ...(use && { use: withoutPlace(use) }),
      ...(serves !== undefined && { serves }),
      queries: queriesOf(queries, place),
      flags: judge(value, use, { redundantTo, window, isWhole }),
      ...(redundantTo !== undefined && { redundantTo }),
    };
  });
  const unused = indexes.filter(({ flags }) => flags.includes('unused')).length;
  return { indexes, members, isWhole, window, unused };
}

/**
 * The indexes that nobody needs: unused ones, and those whose queries another one serves, unless that one is unused: then it goes,
 * and this one stays.
 */
export function unneededIn({ indexes }: Pick<IndexesReport, 'indexes'>): IndexLine[] {
  const unused = new Set(indexes.filter(({ flags }) => flags.includes('unused')).map(placeText));
  return indexes.filter((line) => {
    const { collection, redundantTo: name } = line;
    return unused.has(placeText(line)) || (name !== undefined && !unused.has(placeText({ collection, name })));
  });
}

/** What each index takes, in bytes. */
async function sizesOf(db: Db, names: readonly string[]): Promise<Map<string, number>> {
  const all = await Promise.all(names.map((collection) => sizesIn(db, collection)));
  return new Map(all.flat());
}

async function sizesIn(db: Db, collection: string): Promise<[string, number][]> {
  const { indexSizes = {} } = (await storageStatsOf(db, collection)) ?? {};
  return Object.entries(indexSizes as object).map(([name, bytes]) => [placeText({ collection, name }), Number(bytes)]);
}
