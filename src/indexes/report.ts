import type { Db } from 'mongodb';
import { readSchema, readSizes, withReads, type Target } from '../database';
import { isUnauthorized } from '../database/server-errors';
import { purposesOf, type Migration } from '../migration';
import { entries, type Index } from '../schema';
import { judge, redundantIn, type IndexFlag } from './judge';
import { placeText, queriesOf, type IndexPlace, type KnownQuery } from './known-query';
import { readUse, withoutPlace, type AskedMember, type IndexUse } from './use';

export interface IndexesOptions {
  readonly target: Target;
  readonly migrations: readonly Migration[];
  readonly queries: readonly KnownQuery[];
  /** How long an index must go without a query to count as unused, in seconds. */
  readonly window: number;
}

/** One index, its use, and the verdicts on it. */
export interface IndexLine extends IndexPlace {
  readonly flags: readonly IndexFlag[];
  /** Another index that begins with the same fields, and can be used for every query for which this index can be used. */
  readonly redundantTo?: string;
  /** The definition on the server. */
  readonly definition: Index;
  /** The size of the index on the primary, in bytes; undefined when this user may not read the size. */
  readonly bytes?: number;
  readonly use?: Omit<IndexUse, keyof IndexPlace>;
  /** The purpose of the index, from the migrations. */
  readonly serves?: string;
  /** The known queries that use the index. */
  readonly queries: readonly string[];
}

export interface IndexesReport {
  readonly indexes: readonly IndexLine[];
  readonly members: readonly AskedMember[];
  /** Whether every server reported how it uses the indexes. Otherwise no index is called unused. */
  readonly isWhole: boolean;
  readonly window: number;
  readonly unused: number;
}

/**
 * Reports every index of a database except those on `_id`: its size, and its use on all members. Writes nothing.
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
 * Returns the unneeded indexes: unused ones, and redundant ones, for whose queries another index can be used. If this other index is itself
 * unused, it is returned instead of the redundant one.
 */
export function unneededIn({ indexes }: Pick<IndexesReport, 'indexes'>): IndexLine[] {
  const unused = new Set(indexes.filter(({ flags }) => flags.includes('unused')).map(placeText));
  return indexes.filter((line) => {
    const { collection, redundantTo: name } = line;
    return unused.has(placeText(line)) || (name !== undefined && !unused.has(placeText({ collection, name })));
  });
}

/** Returns the size of each index, in bytes. */
async function sizesOf(db: Db, names: readonly string[]): Promise<Map<string, number>> {
  const all = await Promise.all(names.map((collection) => sizesIn(db, collection)));
  return new Map(all.flat());
}

async function sizesIn(db: Db, collection: string): Promise<[string, number][]> {
  try {
    const { ofIndexes = {} } = (await readSizes(db, collection)) ?? {};
    return Object.entries(ofIndexes).map(([name, bytes]) => [placeText({ collection, name }), bytes]);
  } catch (error) {
    // Report the indexes without sizes if this user may not read the sizes.
    if (isUnauthorized(error)) return [];
    throw error;
  }
}
