import {
  describeChange,
  documentId,
  equalAt,
  readIndexes,
  readSchema,
  type Change,
  type LiveSchema,
} from '../../schema';
import { refuseDataLoss, reopen } from './drop-collection';
import { explainServerError, summaryOf } from './server-errors';
import { judge, type JudgedChange } from './judge';
import { kindOf, type Kind } from './kinds';
import type { Session } from './session';
import type { ChangeOutcome } from './outcome';
import { executors } from './table';

interface Group {
  readonly kind: Kind;
  readonly changes: JudgedChange[];
}

/**
 * Brings a database to where changes lead: makes those that do not hold yet.
 * Resolves to an outcome for each change, in their order. Running it again converges.
 * @throws Error with code `CONFLICT`, before anything is written, when something else stands in a change's place.
 * @throws Error with code `DATA_LOSS` when a collection to drop holds documents.
 */
export async function applyChanges(session: Session, changes: readonly Change[]): Promise<ChangeOutcome[]> {
  if (changes.length === 0) return [];
  const names = [...new Set(changes.map(({ at }) => at[0]))];
  const [live, occupied] = await Promise.all([readTouched(session, changes), occupiedOf(session, names)]);
  const judged = judge(live, changes);
  await refuseDataLoss(session, dropsOf(live, judged));
  const groups = groupByCollection(judged);
  const outcomes = new Map<Change, ChangeOutcome>();
  const runCollection = async (name: string) => {
    const ofCollection = groups.get(name) ?? [];
    const drop = ofCollection.find(
      ({ kind, changes: [first] }) => kind === 'dropCollection' && first?.verdict === 'pending',
    );
    if (drop) await dropWhole(session, name, ofCollection, drop, outcomes);
    else for (const group of ofCollection) await runGroup(session, name, group, outcomes);
  };
  // Empty collections can be worked on side by side; work on others loads the server, so it is done one at a time.
  await settleAll(names.filter((name) => !occupied.has(name)).map(runCollection));
  for (const name of occupied) await runCollection(name);
  // Where nothing is to be scanned, an index is there once its command returns.
  await verifyIndexes(
    session,
    changes.filter(({ at }) => occupied.has(at[0])),
  );
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/**
 * Judges changes before any of them is made.
 * @throws Error with code `CONFLICT`, or `DATA_LOSS`.
 */
export async function judgeAhead(session: Session, changes: readonly Change[]): Promise<void> {
  const live = await readTouched(session, changes);
  await refuseDataLoss(session, dropsOf(live, judge(live, changes)));
}

/** Reads the collections that changes touch, after opening those that an interrupted drop left closed. */
async function readTouched(session: Session, changes: readonly Change[]): Promise<LiveSchema> {
  const documents = new Map<string, string[]>();
  for (const { at } of changes) {
    if (at[1] === 'documents') documents.set(at[0], [...(documents.get(at[0]) ?? []), at[2]]);
  }
  const collections = new Set(changes.map(({ at }) => at[0]));
  const indexes = new Set(changes.filter(({ at }) => at[1] === 'indexes').map(({ at }) => at[0]));
  const live = await readSchema(session.db, { collections, indexes, documents });
  for (const [name, before] of live.closed) await reopen(session, name, before);
  return live;
}

/** The collections that are there and will be dropped, each with the ids of the documents that are removed from it. */
function dropsOf(live: LiveSchema, judged: readonly JudgedChange[]): Map<string, unknown[]> {
  const pending = judged.filter(({ verdict }) => verdict === 'pending').map(({ change }) => change);
  const dropped = pending.filter((change) => kindOf(change) === 'dropCollection').map(({ at }) => at[0]);
  const removed = pending.filter((change) => kindOf(change) === 'removeDocument');
  const idsOf = (name: string) =>
    removed.filter(({ at }) => at[0] === name).map(({ at }) => documentId(at[2] as string));
  return new Map(dropped.filter((name) => Object.hasOwn(live.schema, name)).map((name) => [name, idsOf(name)]));
}

/** Changes by collection, in order; those of one kind that follow each other make one group. */
function groupByCollection(judged: readonly JudgedChange[]): Map<string, Group[]> {
  const groups = new Map<string, Group[]>();
  for (const item of judged) {
    const kind = kindOf(item.change);
    const name = item.change.at[0];
    const ofCollection = groups.get(name) ?? [];
    const last = ofCollection.at(-1);
    if (last?.kind === kind) last.changes.push(item);
    else ofCollection.push({ kind, changes: [item] });
    groups.set(name, ofCollection);
  }
  return groups;
}

/** Those of some collections that hold documents. One alone has no siblings, so it need not be asked. */
async function occupiedOf(session: Session, names: readonly string[]): Promise<Set<string>> {
  if (names.length < 2) return new Set(names);
  const options = { projection: { _id: 1 }, readPreference: 'primary' } as const;
  const found = await Promise.all(names.map((name) => session.db.collection(name).findOne({}, options)));
  return new Set(names.filter((_, at) => found[at] !== null));
}

/**
 * A collection goes with all that is in it, in one command: taken apart first, it would be left without its indexes when
 * it turns out that it must not be dropped.
 */
async function dropWhole(
  session: Session,
  name: string,
  groups: readonly Group[],
  drop: Group,
  outcomes: Map<Change, ChangeOutcome>,
): Promise<void> {
  // Its reference documents are the migration's own: they are no loss, and would count as one.
  for (const group of groups) if (group.kind === 'removeDocument') await runGroup(session, name, group, outcomes);
  await runGroup(session, name, drop, outcomes);
  for (const { change, verdict } of groups.flatMap(({ changes }) => changes)) {
    const outcome = verdict === 'pending' ? 'done' : verdict;
    if (!outcomes.has(change)) outcomes.set(change, { change, outcome, milliseconds: 0 });
  }
}

async function runGroup(
  session: Session,
  name: string,
  { kind, changes }: Group,
  outcomes: Map<Change, ChangeOutcome>,
) {
  const started = performance.now();
  const results = await executors[kind](session, name, changes).catch((error: unknown) => {
    const what = changes.filter(({ verdict }) => verdict === 'pending').map(({ change }) => describeChange(change));
    throw explainServerError(error, what.join(', ') || changes.map(({ change }) => describeChange(change)).join(', '));
  });
  const milliseconds = performance.now() - started;
  for (const [at, { change }] of changes.entries()) {
    outcomes.set(change, { change, outcome: results[at] ?? 'done', milliseconds });
  }
}

/** Lets every sibling come to its end before the first error is thrown: nothing is still being written by then. */
async function settleAll(runs: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(runs);
  const errors = settled.flatMap((run) =>
    run.status === 'rejected' ? [run.reason as Error & { code?: unknown }] : [],
  );
  const [first] = errors;
  if (!first) return;
  if (errors.length === 1) throw first;
  // A lease that is lost, or a stop, meets every sibling, and is what the run ended by.
  const { code } = errors.find((error) => error.code === 'LOCKED' || error.code === 'ABORTED') ?? {};
  const messages = new Set(errors.map(({ message }) => message));
  const summary = [...new Set(errors.map(summaryOf))].join('; ');
  throw Object.assign(new AggregateError(errors, [...messages].join('\n'), { cause: first }), { code, summary });
}

/** The reply to an index build is not taken on trust: one that somebody aborts meanwhile can look like a success. */
async function verifyIndexes(session: Session, changes: readonly Change[]): Promise<void> {
  const created = changes.filter(({ at, to }) => at[1] === 'indexes' && at[3] === undefined && to !== undefined);
  const collections = [...new Set(created.map(({ at }) => at[0]))];
  const found = new Map(
    await Promise.all(collections.map(async (name) => [name, await readIndexes(session.db, name)] as const)),
  );
  const missing = created.filter(({ at, to }) => !equalAt(at, found.get(at[0])?.[at[2] as string], to));
  if (missing.length === 0) return;
  const what = missing.map(describeChange).join(', ');
  throw new Error(`The server said that it was done, but this does not hold: ${what}. Run again to make it.`);
}
