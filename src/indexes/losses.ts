import type { Change } from '../schema';
import { queriesOf, type IndexPlace, type KnownQuery } from './known-query';
import type { IndexUse } from './use';

/** An index that a change takes away from the queries: it drops it, or hides it. */
export interface IndexLoss extends IndexPlace {
  readonly how: 'drop' | 'hide';
  /** The known queries that this index is meant to serve. */
  readonly queries: readonly string[];
}

/** A loss that is pending on a server, and how the index is used there. */
export interface PendingLoss extends IndexLoss {
  readonly migration: string;
  /** Absent where the server has no such index, or did not tell. */
  readonly use?: Omit<IndexUse, keyof IndexPlace>;
  /** Why it did not tell. */
  readonly notKnown?: string;
}

/** What a change takes away; undefined where that is nothing. `siblings` are all changes of its migration: one may make it anew. */
export function lossOf(
  change: Change,
  siblings: readonly Change[],
  queries: readonly KnownQuery[],
): IndexLoss | undefined {
  const { kind, place, to } = change;
  const isDrop = kind === 'index' && to === undefined;
  if (!isDrop && !(kind === 'index.hidden' && to === true)) return undefined;
  const { collection, name } = place;
  const isMadeAnew = siblings.some(
    (one) =>
      one.kind === 'index' && one.to !== undefined && one.place.collection === collection && one.place.name === name,
  );
  if (isDrop && isMadeAnew) return undefined;
  return { collection, name, how: isDrop ? 'drop' : 'hide', queries: queriesOf(queries, { collection, name }) };
}
