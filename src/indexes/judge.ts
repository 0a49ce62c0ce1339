import { redundantPrefixes, type Index, type Schema, entries } from '../schema';
import { placeText, type IndexPlace } from './known-query';
import type { IndexUse } from './use';

/** A verdict on an index. */
export type IndexFlag =
  /** No query has used the index for the given time. Never set for an index that is unique or has a TTL. */
  | 'unused'
  /** No query has used the index so far, but the server has counted for less than the given time. */
  | 'not used yet'
  /** Another index begins with the same fields, and serves every query that this one serves. */
  | 'redundant'
  | 'hidden'
  | 'building'
  /** Some server did not report how it uses the index. */
  | 'not known';

export interface JudgeOptions {
  /** The name of another index that serves the same queries. */
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

/** Returns each index (`users.plan_1`) whose queries another index with the same collation also serves, with that index's name. */
export function redundantIn(schema: Schema): ReadonlyMap<string, string> {
  const groups = new Map<string, { readonly place: IndexPlace; readonly value: Index }[]>();
  for (const { place, value } of entries(schema, 'index')) {
    const { collation, ...others } = value;
    const group = JSON.stringify([place.collection, collation]);
    groups.set(group, [...(groups.get(group) ?? []), { place, value: others }]);
  }
  const found = [...groups.values()].flatMap((group) =>
    redundantPrefixes(group).map(({ prefix, of }): [string, string] => {
      return [placeText({ collection: group[0]?.place.collection ?? '', name: prefix }), of];
    }),
  );
  return new Map(found);
}
