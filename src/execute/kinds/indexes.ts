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
  /** One that is replaced is dropped first. */
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
      return 'changeTextIndex changes it, with what is there as its from';
    return to && equal('index', withoutTtl(to), withoutTtl(found))
      ? 'only the TTL differs: put back what the migration expects; or, if it is not released yet, let changeTtl change what is there'
      : 'an index cannot be altered: it has to be dropped and built again';
  },
  looks: ({ place: { collection }, from, to }) => {
    const stops = from && isTextKey(from.key) && !from.hidden ? [searchStops(to && 'until it is built anew')] : [];
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
 * `listIndexes` shows a running build like a ready index. So the indexes that seem to be there are created once more:
 * the server compares every option, waits for a running build, and tells by its counts whether it changed anything.
 */
export async function createIndexes(
  session: Session,
  collection: string,
  judged: readonly JudgedChange<'index'>[],
): Promise<Outcome[]> {
  const isSeries = await isTimeSeries(session, collection, judged);
  const create = async (of: readonly JudgedChange<'index'>[], within = session): Promise<boolean> => {
    if (of.length === 0) return false;
    const reply = await send(within, {
      createIndexes: collection,
      indexes: of.map(({ change }) => indexSpec(change, isSeries)),
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
    return reply['numIndexesAfter'] !== reply['numIndexesBefore'];
  };
  const hadToBuild = await create(judged.filter(({ verdict }) => verdict === 'already')).catch((error: unknown) => {
    // Of a partial index of a time series the server compares the very text of its definition, in which a person has another order.
    if (!isSeries || !(error instanceof MongoServerError) || error.code !== otherDefinition) throw error;
    return false;
  });
  const pending = judged.filter(({ verdict }) => verdict === 'pending');
  if (pending.length > 0) await waitForCollection(session, collection);
  const expiring = pending.flatMap(({ change: { place, to } }) =>
    to?.expireAfterSeconds === undefined ? [] : [{ name: place.name, index: to, seconds: to.expireAfterSeconds }],
  );
  await refuseExpiringNow(session, collection, expiring);
  const began = performance.now();
  await withProgress(session, collection, (watched) => create(pending, watched));
  await tellWork(session, {
    kind: pending.some(({ change: { to } }) => to && isTextKey(to.key)) ? 'text index build' : 'index build',
    collection,
    indexes: pending.length,
    milliseconds: performance.now() - began,
  });
  return judged.map(({ verdict }) => (verdict === 'already' && !hadToBuild ? 'already' : 'done'));
}

const indexBuildRunning = 12587;
const otherDefinition = 85;

/**
 * An index build that waits for its lock makes every write wait behind it, and a time limit of its own would end the
 * build with it. So a command that changes nothing, and has a limit, goes first: once it comes back the way is free.
 */
async function waitForCollection(session: Session, collection: string): Promise<void> {
  await probe(session, collection).catch((error: unknown) => {
    // Another build is on its way there, which only goes on while nothing holds the collection.
    if (!(error instanceof MongoServerError) || error.code !== indexBuildRunning) throw error;
  });
}

/**
 * As `createIndexes` takes it. Without a collation an index would inherit the collection's; a partial one of a time series takes none,
 * and the fold sees to it that there is none to inherit.
 */
function indexSpec({ place, to }: Change<'index'>, isSeries: boolean) {
  const { collation = { locale: 'simple' }, ...options } = to ?? {};
  const takesNone = isSeries && to?.partialFilterExpression !== undefined;
  return { name: place.name, ...fromPlain(options as PlainObject), ...(!takesNone && { collation }) };
}

/** Asked only where it makes a difference. */
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
 * The reply to an index build is not taken on trust: one that somebody aborts meanwhile can look like a success.
 * @throws error with code `DRIFT` when an index that was created is not there.
 */
export async function verifyIndexes({ db }: Session, changes: readonly Change[]): Promise<void> {
  const created = changes.filter((change) => change.kind === 'index').filter(({ to }) => to !== undefined);
  const collections = [...new Set(created.map(({ place }) => place.collection))];
  const found = new Map(
    await Promise.all(collections.map(async (name) => [name, await readIndexes(db, name)] as const)),
  );
  const missing = created.filter(({ place, to }) => !equal('index', found.get(place.collection)?.[place.name], to));
  if (missing.length === 0) return;
  const what = missing.map(describeChange).join(', ');
  throw new SchemaError('DRIFT', `The server reported success, and this does not hold: ${what}`, {
    why: 'somebody ended the index build, or dropped the index, meanwhile',
    fix: 'run again',
  });
}
