import type { Change } from '../schema';
import { queriesOf, type IndexPlace, type KnownQuery } from './known-query';
import type { IndexUse } from './use';

/** An index that a change drops or hides, so that queries can no longer use it. */
export interface IndexLoss extends IndexPlace {
  readonly how: 'drop' | 'hide';
  /** The known queries that are meant to use this index. */
  readonly queries: readonly string[];
}

/** The loss of an index through a pending migration, and how the server has used the index. */
export interface PendingLoss extends IndexLoss {
  readonly migration: string;
  /** The use of the index; undefined when the server has no such index, or did not report its use. */
  readonly use?: Omit<IndexUse, keyof IndexPlace>;
  /** Why the use is unknown. */
  readonly notKnown?: string;
  /** The slow queries that used the index, from the newest entries of the profiler, without values: `find { email: ? }`. */
  readonly slow: readonly string[];
}

/**
 * Returns the index that a change drops or hides; undefined when there is none. `siblings` are all changes of the same migration: if one of
 * them creates the index again, it is not lost.
 */
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
