import { MongoServerError } from 'mongodb';
import { fromPlain, type Change, type CollectionOptions, type Index, type PlainObject } from '../../schema';
import { insertDocuments, removeDocuments } from './documents';
import { dropCollection } from './drop-collection';
import type { JudgedChange } from './judge';
import type { Kind } from './kinds';
import type { Outcome } from './outcome';
import { makeUnique, unmakeUnique } from './recipes/make-unique';
import { setValidator } from './recipes/set-validator';
import { probe, send, type Session } from './session';

/** Carries out changes of one kind in one collection, and tells what became of each, in their order. */
type Executor = (session: Session, collection: string, changes: readonly JudgedChange[]) => Promise<Outcome[]>;

/** How each kind of change is carried out on a server. */
export const executors: Readonly<Record<Kind, Executor>> = {
  createCollection: eachPending((session, collection, { to }) =>
    send(session, { create: collection, ...fromPlain(to as CollectionOptions) }),
  ),
  dropCollection: eachPending((session, collection) => dropCollection(session, collection)),
  setValidator: eachPending(setValidator),
  makeUnique: eachPending(makeUnique),
  unmakeUnique: eachPending(unmakeUnique),
  changeIndex: eachPending((session, collection, { at, to }) => {
    const [, , name, attribute = ''] = at;
    return send(session, { collMod: collection, index: { name, [attribute]: to ?? false } });
  }),
  createIndex: createIndexes,
  dropIndex: allPending(async (session, collection, changes) => {
    await send(session, { dropIndexes: collection, index: changes.map(({ at }) => at[2]) });
    return changes.map(() => 'done' as const);
  }),
  insertDocument: allPending(insertDocuments),
  removeDocument: allPending(removeDocuments),
};

/**
 * `listIndexes` shows a running build like a ready index. So the indexes that seem to be there are created once more:
 * the server compares every option, waits for a running build, and tells by its counts whether it changed anything.
 */
async function createIndexes(
  session: Session,
  collection: string,
  changes: readonly JudgedChange[],
): Promise<Outcome[]> {
  const create = async (of: readonly JudgedChange[]): Promise<boolean> => {
    if (of.length === 0) return false;
    const reply = await send(session, {
      createIndexes: collection,
      indexes: of.map(({ change }) => indexSpec(change)),
      ...(session.isReplicaSet && { commitQuorum: 'majority' }),
    });
    return reply['numIndexesAfter'] !== reply['numIndexesBefore'];
  };
  const hadToBuild = await create(changes.filter(({ verdict }) => verdict === 'already'));
  const pending = changes.filter(({ verdict }) => verdict === 'pending');
  if (pending.length > 0) await waitForTable(session, collection);
  await create(pending);
  return changes.map(({ verdict }) => (verdict === 'already' && !hadToBuild ? 'already' : 'done'));
}

const indexBuildRunning = 12587;

/**
 * An index build that waits for its lock makes every write wait behind it, and a time limit of its own would end the
 * build with it. So a command that changes nothing, and has a limit, goes first: once it comes back the way is free.
 */
async function waitForTable(session: Session, collection: string): Promise<void> {
  await probe(session, collection).catch((error: unknown) => {
    // Another build is on its way there, which only goes on while nothing holds the table.
    if (!(error instanceof MongoServerError) || error.code !== indexBuildRunning) throw error;
  });
}

/** As `createIndexes` takes it. Without a collation an index would inherit the collection's. */
function indexSpec({ at, to }: Change) {
  const { collation = { locale: 'simple' }, ...index } = to as Index;
  return { name: at[2], ...fromPlain(index as PlainObject), collation };
}

function eachPending(run: (session: Session, collection: string, change: Change) => Promise<unknown>): Executor {
  return allPending(async (session, collection, changes) => {
    for (const change of changes) await run(session, collection, change);
    return changes.map(() => 'done' as const);
  });
}

function allPending(
  run: (session: Session, collection: string, changes: readonly Change[]) => Promise<Outcome[]>,
): Executor {
  return async (session, collection, judged) => {
    const pending = judged.filter(({ verdict }) => verdict === 'pending').map(({ change }) => change);
    const outcomes = pending.length > 0 ? await run(session, collection, pending) : [];
    return judged.map(({ verdict }) => (verdict === 'pending' ? (outcomes.shift() ?? 'done') : verdict));
  };
}
