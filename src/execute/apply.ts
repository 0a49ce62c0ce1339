import type { Binary } from 'mongodb';
import { describeChange, documentId, namesIn, summarizeChange, type Change, type Kind, type Location } from '../schema';
import { readSchema, type LiveSchema } from '../database';
import { bringBack, refuseDataLoss, refuseTakenNames, reopen } from './drop-collection';
import { explainServerError } from '../database/server-errors';
import { errorCodeOf } from '../support/error-codes';
import { isSchemaError, reportOf, SchemaError, summaryOf, type ErrorSubject } from '../support/schema-error';
import type { Direction } from '../migration/types';
import { judge } from './judge';
import { refuseDeletions } from './losses';
import type { Action, Actions, Executor, JudgedChange, Outcome, Reads } from './kinds/execution';
import { verifyIndexes } from './kinds/indexes';
import { actionOf, executions, executors } from './kinds/table';
import type { Session } from './session';
import type { ChangeOutcome } from './outcome';

/** Changes of one collection that are made by one action, such as `createIndex`. */
interface Group {
  readonly action: Action;
  readonly changes: JudgedChange[];
}

/**
 * Makes the changes that are not in place yet. Resolves to an outcome for each change, in the order of the changes. When the function is
 * called again, it makes only the changes that are still missing.
 * @throws error with code `CONFLICT`, before any change is made, when the database has something unexpected in the place of a change.
 * @throws error with code `DATA_LOSS` when a collection to drop holds documents, or a TTL would delete some documents immediately.
 */
export async function applyChanges(
  run: Session,
  changes: readonly Change[],
  direction: Direction = 'up',
): Promise<ChangeOutcome[]> {
  if (changes.length === 0) return [];
  const session = { ...run, uuids: new Map<string, Binary>(), proven: new Set<Change>() };
  const names = [...new Set(changes.map(({ place }) => place.collection))];
  const [live, oneByOne] = await Promise.all([readTouched(session, changes), namesInTurn(session, names, changes)]);
  const judged = judge(live, changes, direction);
  await refuseDrops(session, live, judged);
  await refuseDeletions(session, live, judged);
  const groups = groupByCollection(judged);
  const outcomes = new Map<Change, ChangeOutcome>();
  const runCollection = async (name: string) => {
    const ofCollection = groups.get(name) ?? [];
    const dropAt = ofCollection.findIndex(
      ({ action, changes: [first] }) => action === 'dropCollection' && first?.verdict === 'pending',
    );
    const drop = ofCollection[dropAt];
    if (drop) await dropWhole(session, name, ofCollection.slice(0, dropAt + 1), drop, outcomes);
    // Changes after the drop apply to the new collection of that name.
    for (const group of ofCollection.slice(dropAt + 1)) await runGroup(session, name, group, outcomes);
  };
  // Empty collections are changed in parallel. Changes to other collections put load on the server, so those collections are changed one at
  // a time.
  await settleAll(names.filter((name) => !oneByOne.has(name)).map(runCollection));
  for (const name of oneByOne) await runCollection(name);
  // In an empty collection, an index is complete once its command returns, so such an index needs no check.
  await verifyIndexes(
    session,
    changes.filter(({ place }) => oneByOne.has(place.collection)),
  );
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/**
 * Checks changes before any of them is made. `decided` contains the changes whose result depends only on the present documents, and not on
 * earlier data steps.
 * @throws error with code `CONFLICT`, or `DATA_LOSS`.
 */
export async function judgeAhead(
  run: Session,
  changes: readonly Change[],
  direction: Direction,
  decided: ReadonlySet<Change>,
): Promise<void> {
  const session = { ...run, uuids: new Map<string, Binary>() };
  const live = await readTouched(session, changes);
  const judged = judge(live, changes, direction);
  await refuseDrops(session, live, judged, decided);
  await refuseDeletions(session, live, judged, decided);
}

async function refuseDrops(
  session: Session,
  live: LiveSchema,
  judged: readonly JudgedChange[],
  decided: ReadonlySet<Change> = new Set(judged.map(({ change }) => change)),
): Promise<void> {
  const drops = dropsOf(live, judged);
  refuseTakenNames(session, live, drops.keys());
  // A data step may empty a collection before the drop, so only the `decided` drops are checked here. The drop itself checks the collection
  // again.
  const known = [...decided].filter(({ kind, to }) => kind === 'collection' && to === undefined);
  const names = new Set(known.map(({ place }) => place.collection));
  await refuseDataLoss(session, new Map([...drops].filter(([name]) => names.has(name))));
}

/** Reads the collections that the changes touch. First, this function undoes what an interrupted drop has done to these collections. */
async function readTouched(session: Session, changes: readonly Change[]): Promise<LiveSchema> {
  const collections = new Set<string>();
  const indexes = new Set<string>();
  const documents = new Map<string, string[]>();
  for (const change of changes) {
    const { collection } = change.place;
    const reads = readsOf(change);
    for (const name of namesIn(change)) collections.add(name);
    if (reads.indexes) indexes.add(collection);
    if (reads.document !== undefined) {
      documents.set(collection, [...(documents.get(collection) ?? []), reads.document]);
    }
  }
  const read = () => readSchema(session.db, { collections, indexes, documents });
  const dropped = changes.filter(({ kind, to }) => kind === 'collection' && to === undefined);
  const found = await read();
  const lost = new Set(session.allowDataLoss ? dropped.map(({ place }) => place.collection) : []);
  const live = (await bringBack(session, found, { names: collections, lost })) ? await read() : found;
  for (const [name, uuid] of live.uuids) session.uuids?.set(name, uuid);
  for (const [name, before] of live.closed) await reopen(session, name, before);
  return live;
}

function readsOf<K extends Kind>({ kind, place }: Change<K>): Reads {
  return executions[kind].reads(place);
}

/** Returns the existing collections to drop, each with the ids of the documents that the migration removes before the drop. */
function dropsOf(live: LiveSchema, judged: readonly JudgedChange[]): Map<string, unknown[]> {
  const pending = judged.filter(({ verdict }) => verdict === 'pending');
  const dropped = pending.filter(isMadeBy('dropCollection')).map(({ change }) => change.place.collection);
  const removed = pending.filter(isMadeBy('removeDocument')).map(({ change }) => change.place);
  const idsOf = (name: string) =>
    removed.filter(({ collection }) => collection === name).map(({ key }) => documentId(key));
  return new Map(dropped.filter((name) => Object.hasOwn(live.schema, name)).map((name) => [name, idsOf(name)]));
}

/** Returns whether an action makes a change. An action makes only changes of its own kinds. */
function isMadeBy<A extends Action>(action: A) {
  return (judged: JudgedChange): judged is JudgedChange & JudgedChange<Actions[A]> =>
    actionOf(judged.change) === action;
}

/** Groups changes by collection, in order. Consecutive changes that the same action makes form one group. */
function groupByCollection(judged: readonly JudgedChange[]): Map<string, Group[]> {
  const groups = new Map<string, Group[]>();
  for (const item of judged) {
    const action = actionOf(item.change);
    const name = item.change.place.collection;
    const ofCollection = groups.get(name) ?? [];
    const last = ofCollection.at(-1);
    if (last?.action === action) last.changes.push(item);
    else ofCollection.push({ action, changes: [item] });
    groups.set(name, ofCollection);
  }
  return groups;
}

/**
 * Returns the names of the collections that are changed one at a time, in order: collections with documents, and collections with a change
 * that depends on other names. A single name is returned without a check.
 */
async function namesInTurn(
  session: Session,
  names: readonly string[],
  changes: readonly Change[],
): Promise<Set<string>> {
  if (names.length < 2) return new Set(names);
  const dependent = new Set(
    changes.filter(({ kind }) => executions[kind].isInOrder).map(({ place }) => place.collection),
  );
  const options = { projection: { _id: 1 }, readPreference: 'primary' } as const;
  const isInTurn = async (name: string) =>
    dependent.has(name) || (await session.db.collection(name).findOne({}, options)) !== null;
  const inTurn = await Promise.all(names.map(isInTurn));
  return new Set(names.filter((_, index) => inTurn[index]));
}

/**
 * Drops a collection with everything in it, in one command. If the indexes were dropped first and the drop of the collection was then
 * refused, the indexes would be lost.
 */
async function dropWhole(
  session: Session,
  name: string,
  groups: readonly Group[],
  drop: Group,
  outcomes: Map<Change, ChangeOutcome>,
): Promise<void> {
  // Reference documents are removed before the drop. The migration inserted these documents itself, so their loss must not count as data
  // loss.
  for (const group of groups) if (group.action === 'removeDocument') await runGroup(session, name, group, outcomes);
  await runGroup(session, name, drop, outcomes);
  for (const { change, verdict } of groups.flatMap(({ changes }) => changes)) {
    const outcome = verdict === 'pending' ? 'done' : verdict;
    if (!outcomes.has(change)) outcomes.set(change, { change, outcome, milliseconds: 0 });
  }
}

async function runGroup(
  session: Session,
  name: string,
  { action, changes }: Group,
  outcomes: Map<Change, ChangeOutcome>,
) {
  const started = performance.now();
  const results = await take(executors, action, session, name, changes).catch((error: unknown) => {
    const pending = changes.filter(({ verdict }) => verdict === 'pending');
    const tried = (pending.length > 0 ? pending : changes).map(({ change }) => change);
    const documents = tried.filter(({ kind }) => kind === 'document');
    throw explainServerError(error, [...new Set(tried.map(summarizeChange))].join(', '), {
      places: documents.map(describeChange),
      about: tried[0] && subjectOf(tried[0]),
    });
  });
  const milliseconds = performance.now() - started;
  for (const [index, { change }] of changes.entries()) {
    outcomes.set(change, { change, outcome: results[index] ?? 'done', milliseconds });
  }
}

function subjectOf({ kind, place }: Location): ErrorSubject {
  return { kind, collection: place.collection, ...('name' in place && { index: place.name }) };
}

/** Runs an action. The executor of the action receives only the changes of the kinds that belong to the action. */
function take<A extends Action>(
  table: { readonly [B in A]: Executor<B> },
  action: A,
  session: Session,
  collection: string,
  changes: readonly JudgedChange[],
): Promise<Outcome[]> {
  return table[action](session, collection, changes.filter(isMadeBy(action)));
}

/** Waits for all runs before it throws the first error, so that no run is still writing when the error is thrown. */
async function settleAll(runs: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(runs);
  const errors = settled.flatMap((run) => (run.status === 'rejected' ? [run.reason as unknown] : []));
  if (errors.length === 0) return;
  // A lost lease or a stop affects every run, and is the real reason why the runs ended.
  const [ending = errors[0]] = errors.filter((error) => ['LOCKED', 'ABORTED'].includes(errorCodeOf(error)));
  if (errors.length === 1) throw ending;
  const reports = errors.map(reportOf);
  const reasons = reports.flatMap(({ summary, why = [] }) => [summary, ...why.map((line) => `  ${line}`)]);
  const { code, fix } = reportOf(ending);
  throw new SchemaError(code, [...new Set(errors.map(summaryOf))].join('; '), {
    why: reports.some(({ why }) => why) || !errors.every(isSchemaError) ? reasons : undefined,
    fix,
    // The decision whether to retry depends on each of these errors.
    cause: new AggregateError(errors),
  });
}
