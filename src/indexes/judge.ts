import { redundantPrefixes, type Index, type Schema, entries } from '../schema';
import { placeText, type IndexPlace } from './known-query';
import type { IndexUse } from './use';

/** A verdict on an index. */
export type IndexFlag =
  /** No query has used the index for the time in `window`. Never set for an index that is unique or has a TTL. */
  | 'unused'
  /** No query has used the index so far, but the server has counted for less than the time in `window`. */
  | 'not used yet'
  /** Another index begins with the same fields, and can be used for every query for which this index can be used. */
  | 'redundant'
  | 'hidden'
  | 'building'
  /** At least one server did not report how it uses the index. */
  | 'not known';

export interface JudgeOptions {
  /** The name of another index that can be used for the same queries. */
  readonly redundantTo: string | undefined;
  /** How long an index must go without a query to count as unused, in seconds. */
  readonly window: number;
  /** Whether every server reported how it uses the indexes. */
  readonly isWhole: boolean;
}

/** Returns the verdicts on an index. */
export function judge(
  index: Index,
  use: Pick<IndexUse, 'ops' | 'seconds' | 'isBuilding'> | undefined,
  { redundantTo, window, isWhole }: JudgeOptions,
): IndexFlag[] {
  return [
    ...(index.hidden === true ? ['hidden' as const] : []),
    ...usedness(index, use, { window, isWhole }),
    ...(redundantTo === undefined ? [] : ['redundant' as const]),
  ];
}

function usedness(
  { unique, expireAfterSeconds }: Index,
  use: Pick<IndexUse, 'ops' | 'seconds' | 'isBuilding'> | undefined,
  { window, isWhole }: Omit<JudgeOptions, 'redundantTo'>,
): IndexFlag[] {
  if (use?.isBuilding) return ['building'];
  if (use && use.ops > 0) return [];
  if (unique === true || expireAfterSeconds !== undefined) return [];
  if (!use || !isWhole) return ['not known'];
  return [use.seconds >= window ? 'unused' : 'not used yet'];
}

/**
 * Returns the redundant indexes (such as `users.plan_1`), each with the name of another index that has the same collation and can be used
 * for the same queries.
 */
export function redundantIn(schema: Schema): ReadonlyMap<string, string> {
  const groups = new Map<string, { readonly place: IndexPlace; readonly value: Index }[]>();
  for (const { place, value } of entries(schema, 'index')) {
    const { collation, ...others } = value;
    const group = JSON.stringify([place.collection, collation]);
    groups.set(group, [...(groups.get(group) ?? []), { place, value: others }]);
  }
  const found = [...groups.values()].flatMap((group) =>
    redundantPrefixes(group).map(({ prefix, of: [of] }): [string, string] => {
      return [placeText({ collection: group[0]?.place.collection ?? '', name: prefix }), of];
    }),
  );
  return new Map(found);
}
