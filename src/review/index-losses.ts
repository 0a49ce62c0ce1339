import type { Db } from 'mongodb';
import { foldIfTheyFit, type PlannedMigration } from '../deploy';
import {
  lossOf,
  placeText,
  readUse,
  withoutPlace,
  type IndexPlace,
  type KnownQuery,
  type PendingLoss,
  type UseReport,
} from '../indexes';
import type { Target } from '../database';
import { newestShapes } from '../queries';
import type { Migration } from '../migration';
import type { Change } from '../schema';
import { firstOf, toTheMinute } from '../support/counts';
import { reportOf } from '../support/schema-error';

/**
 * Returns the indexes that pending changes drop or hide, how often the server used them, and the slow queries that used them. If this
 * user has no right to read the index usage, the result contains the reason instead. Slow queries are only a hint: if this user has no
 * right to read the profile, the result contains none.
 * @param applied the applied migrations, which define the names of the indexes
 */
export async function pendingLosses(
  target: Target,
  db: Db,
  pending: readonly PlannedMigration[],
  { queries, applied }: { readonly queries: readonly KnownQuery[]; readonly applied: readonly Migration[] },
): Promise<PendingLoss[]> {
  const losses = pending.flatMap(({ name: migration, changes }) => {
    const all = changes.map(({ change }) => change);
    return changes
      .filter(({ verdict }) => verdict !== 'already')
      .flatMap(({ change }) => lossOf(change, all, queries) ?? [])
      .map((loss) => ({ migration, ...loss }));
  });
  if (losses.length === 0) return [];
  const fold = foldIfTheyFit(applied);
  const schema = typeof fold === 'string' ? {} : fold;
  const [use, shapes] = await Promise.all([
    useOf(target, db, [...new Set(losses.map(({ collection }) => collection))]),
    newestShapes(db, { top: Infinity, schema }).catch(() => []),
  ]);
  return losses.map((one): PendingLoss => {
    const users = shapes.filter(
      ({ collection, usedIndexes }) => collection === one.collection && usedIndexes.includes(one.name),
    );
    const loss = { ...one, slow: users.map(({ text }) => text) };
    if ('notKnown' in use) return { ...loss, notKnown: use.notKnown };
    const found = use.indexes.find((one) => placeText(one) === placeText(loss));
    const silent = use.members.filter(({ problem }) => problem !== undefined).map(({ host }) => host);
    return {
      ...loss,
      ...(found && { use: withoutPlace(found) }),
      ...(silent.length > 0 && { notKnown: `${silent.join(', ')} did not report it` }),
    };
  });
}

async function useOf(
  target: Target,
  db: Db,
  collections: readonly string[],
): Promise<UseReport | { readonly notKnown: string }> {
  try {
    return await readUse(target, db, collections);
  } catch (error) {
    const { code, summary, why = [] } = reportOf(error);
    if (code !== 'NOT_ALLOWED') throw error;
    return { notKnown: why.length > 0 ? why.join('; ') : summary };
  }
}

/** Describes the use of an index that will be removed: `used 12 times since 2026-01-31 09:30, on 3 members; no known query is served by it`. */
export function describeLoss({
  use,
  notKnown,
  queries,
  slow,
}: Pick<PendingLoss, 'use' | 'notKnown' | 'queries' | 'slow'>): string {
  const on = use && use.members.length > 1 ? `, on ${use.members.length} members` : '';
  const used = use && `used ${use.ops === 1 ? 'once' : `${use.ops} times`} since ${toTheMinute(use.since)}${on}`;
  return [
    ...(used === undefined ? [] : [used]),
    ...(notKnown === undefined ? [] : [`${used === undefined ? 'its use' : 'the rest'} is unknown: ${notKnown}`]),
    queries.length === 0 ? 'it serves no known query' : `known queries that lose it: ${queries.join(', ')}`,
    ...(slow.length === 0 ? [] : [`slow queries that lose it: ${firstOf(slow, shown)}`]),
  ].join('; ');
}

/** The maximum number of slow queries in a message. */
const shown = 5;

/** Returns whether a change drops or hides the index. */
export function isLostBy({ kind, place }: Change, { collection, name }: IndexPlace): boolean {
  return (kind === 'index' || kind === 'index.hidden') && place.collection === collection && place.name === name;
}
