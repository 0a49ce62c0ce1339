import { MongoServerError } from 'mongodb';
import { listCollections, readIndexes } from '../../database';
import {
  describeChange,
  equal,
  fromPlain,
  isTextKey,
  rules,
  type Change,
  type Index,
  type PlainObject,
} from '../../schema';
import { withProgress } from '../build-progress';
import { tellWork } from '../measured-work';
import { probe, send, type Session } from '../session';
import { allPending, describeMissing, type Execution, type JudgedChange, type Outcome } from './execution';
import { duplicates, expired, indexBuild, refuseExpiringNow, searchStops, unindexable } from './index-looks';
import { SchemaError } from '../../support/schema-error';

export const index: Execution<'index'> = {
  action: ({ from, to }) => {
    if (to === undefined) return 'dropIndex';
    if (from === undefined) return 'createIndex';
    return isTextKey(from.key) && isTextKey(to.key) ? 'replaceIndex' : undefined;
  },
  reads: () => ({ indexes: true }),
  /** A replacement is half done when the old index was already dropped. */
  isHalfDone: ({ place, from, to }, draft) =>
    from !== undefined &&
    to !== undefined &&
    rules.index.missing(draft, place) === undefined &&
    draft.get({ kind: 'index', place }) === undefined &&
    rules.index.refusal(draft, place, to) === undefined,
  holdsNeitherSide: () => false,
  keepsEdited: false,
  isInOrder: false,
  obstacle: ({ place, to }, draft) =>
    describeMissing(rules.index.missing(draft, place)) ?? rules.index.refusal(draft, place, to),
  remedy: ({ to }, found) => {
    if (found === undefined) return 'createIndexes makes the index';
    if (to && isTextKey(to.key) && isTextKey(found.key))
      return 'change the index with changeTextIndex, and use the present index as the `from` of changeTextIndex';
    return to && equal('index', withoutTtl(to), withoutTtl(found))
      ? 'only the TTL differs: restore what the migration expects; or, if the migration is not released yet, change the present TTL with changeTtl'
      : 'an index cannot be changed: drop the index, and build it again';
  },
  looks: ({ place: { collection }, from, to }) => {
    const stops = from && isTextKey(from.key) && !from.hidden ? [searchStops(to && 'until it is rebuilt')] : [];
    if (!to) return stops;
    const { unique, expireAfterSeconds: seconds } = to;
    return [
      ...stops,
      indexBuild(collection),
      ...unindexable(collection, to),
      ...(unique ? [duplicates(collection, to)] : []),
      ...(seconds === undefined ? [] : [expired(collection, to, seconds)]),
    ];
  },
};

function withoutTtl({ expireAfterSeconds: _seconds, ...others }: Index): Index {
  return others;
}

/**
 * Creates indexes. `listIndexes` shows a running build like a finished index, so existing indexes are created once more. For such an index,
 * the server compares every option and waits for a running build. The numbers of indexes in its reply show whether it changed anything.
 */
export async function createIndexes(
  session: Session,
  collection: string,
  judged: readonly JudgedChange<'index'>[],
): Promise<Outcome[]> {
  const isSeries = await isTimeSeries(session, collection, judged);
  /** Returns by how much the number of indexes has grown. */
  const create = async (of: readonly JudgedChange<'index'>[], within = session): Promise<number> => {
    if (of.length === 0) return 0;
    const reply = await send(within, {
      createIndexes: collection,
      indexes: of.map(({ change }) => indexSpec(change, isSeries)),
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
    return Number(reply['numIndexesAfter']) - Number(reply['numIndexesBefore']);
  };
  const built = await create(judged.filter(({ verdict }) => verdict === 'already')).catch((error: unknown) => {
    // For a partial index of a time series, the server compares the text of the definition. An index that was created by hand may have the
    // same definition in another order.
    if (!isSeries || !(error instanceof MongoServerError) || error.code !== otherDefinition) throw error;
    return 0;
  });
  const pending = judged.filter(({ verdict }) => verdict === 'pending');
  if (pending.length > 0) await waitForCollection(session, collection);
  const expiring = pending.flatMap(({ change: { place, to } }) =>
    to?.expireAfterSeconds === undefined ? [] : [{ name: place.name, index: to, seconds: to.expireAfterSeconds }],
  );
  await refuseExpiringNow(session, collection, expiring);
  const began = performance.now();
  const added = await withProgress(session, collection, (watched) => create(pending, watched));
  // A build that someone aborts can look like a success, but it adds no index.
  if (added === pending.length) for (const { change } of pending) session.proven?.add(change);
  await tellWork(session, {
    kind: pending.some(({ change: { to } }) => to && isTextKey(to.key)) ? 'text index build' : 'index build',
    collection,
    indexes: pending.length,
    milliseconds: performance.now() - began,
  });
  return judged.map(({ verdict }) => (verdict === 'already' && built === 0 ? 'already' : 'done'));
}

const indexBuildRunning = 12587;
const otherDefinition = 85;

/**
 * Waits for the lock that an index build needs. A build that waits for this lock blocks every write. A time limit on the build would limit
 * not only the wait but also the build itself. So a command that changes nothing takes the lock first, with a time limit.
 */
async function waitForCollection(session: Session, collection: string): Promise<void> {
  await probe(session, collection).catch((error: unknown) => {
    // Another build is running. That build can continue only while nothing has locked the collection, so the lock is free.
    if (!(error instanceof MongoServerError) || error.code !== indexBuildRunning) throw error;
  });
}

/**
 * Returns the argument of `createIndexes`. Without a collation, an index would inherit the collation of the collection. A partial index of
 * a time series accepts no collation. The fold, which computes the schema from the migrations, makes sure that its collection has no
 * collation to inherit.
 */
function indexSpec({ place, to }: Change<'index'>, isSeries: boolean) {
  const { collation = { locale: 'simple' }, ...options } = to ?? {};
  const takesNone = isSeries && to?.partialFilterExpression !== undefined;
  return { name: place.name, ...fromPlain(options as PlainObject), ...(!takesNone && { collation }) };
}

/**
 * Returns whether the collection is a time series. Asks the server only for partial indexes, because for other indexes the answer does not
 * matter.
 */
async function isTimeSeries(
  { db }: Session,
  collection: string,
  judged: readonly JudgedChange<'index'>[],
): Promise<boolean> {
  if (judged.every(({ change: { to } }) => to?.partialFilterExpression === undefined)) return false;
  const [found] = await listCollections(db, [collection]);
  return found?.type === 'timeseries';
}

export const dropIndexes = allPending<'index'>(async (session, collection, changes) => {
  await send(session, { dropIndexes: collection, index: changes.map(({ place }) => place.name) });
  return changes.map(() => 'done' as const);
});

/**
 * Checks that created indexes exist, except those that a reply has proven: a build that someone aborts can look like a success.
 * @throws error with code `DRIFT` when an index that was created does not exist.
 */
export async function verifyIndexes({ db, proven }: Session, changes: readonly Change[]): Promise<void> {
  const unproven = changes.filter((change) => !proven?.has(change));
  const created = unproven.filter((change) => change.kind === 'index').filter(({ to }) => to !== undefined);
  const collections = [...new Set(created.map(({ place }) => place.collection))];
  const found = new Map(
    await Promise.all(collections.map(async (name) => [name, await readIndexes(db, name)] as const)),
  );
  const missing = created.filter(({ place, to }) => !equal('index', found.get(place.collection)?.[place.name], to));
  if (missing.length === 0) return;
  const what = missing.map(describeChange).join(', ');
  throw new SchemaError('DRIFT', `The server reported success, but these changes are not in the database: ${what}`, {
    why: 'someone aborted the index build, or dropped the index, in the meantime',
    fix: 'run again',
  });
}
