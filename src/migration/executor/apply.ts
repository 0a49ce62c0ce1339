import { describeChange, readSchema, type Change, type LiveSchema } from '../../schema';
import { reopen } from './drop-collection';
import { explainServerError } from './server-errors';
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
 * Brings a database to where changes lead: makes those that do not hold yet, and then looks whether all of them do.
 * Resolves to an outcome for each change, in their order. Running it again converges.
 * @throws Error with code `CONFLICT`, before anything is written, when something else stands in a change's place.
 * @throws Error with code `DATA_LOSS` when a collection to drop holds documents.
 */
export async function applyChanges(session: Session, changes: readonly Change[]): Promise<ChangeOutcome[]> {
  if (changes.length === 0) return [];
  const live = await readTouched(session, changes);
  const groups = groupByCollection(judge(live, changes));
  const outcomes = new Map<Change, ChangeOutcome>();
  const runCollection = async (name: string) => {
    for (const group of groups.get(name) ?? []) await runGroup(session, name, group, outcomes);
  };
  const { empty, others } = await partitionByContent(session, live, [...groups.keys()]);
  await settleAll(empty.map(runCollection));
  for (const name of others) await runCollection(name);
  await verify(session, changes, outcomes);
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/** Reads the collections that changes touch, after opening those that an interrupted drop left closed. */
async function readTouched(session: Session, changes: readonly Change[]): Promise<LiveSchema> {
  const documents = new Map<string, string[]>();
  for (const { at } of changes) {
    if (at[1] === 'documents') documents.set(at[0], [...(documents.get(at[0]) ?? []), at[2]]);
  }
  const live = await readSchema(session.db, { collections: new Set(changes.map(({ at }) => at[0])), documents });
  for (const [name, before] of live.closed) await reopen(session, name, before);
  return live;
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

/** Empty collections can be worked on side by side; work on others loads the server, so it is done one at a time. */
async function partitionByContent(session: Session, live: LiveSchema, names: readonly string[]) {
  const hasDocuments = await Promise.all(
    names.map(async (name) => {
      if (!Object.hasOwn(live.schema, name)) return false;
      const found = await session.db.collection(name).findOne({}, { projection: { _id: 1 }, readPreference: 'primary' });
      return found !== null;
    }),
  );
  return {
    empty: names.filter((_, at) => hasDocuments[at] === false),
    others: names.filter((_, at) => hasDocuments[at] === true),
  };
}

async function runGroup(session: Session, name: string, { kind, changes }: Group, outcomes: Map<Change, ChangeOutcome>) {
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
  const errors = (await Promise.allSettled(runs)).flatMap((run) => (run.status === 'rejected' ? [run.reason as Error] : []));
  if (errors.length > 1) {
    throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'), { cause: errors[0] });
  }
  if (errors[0]) throw errors[0];
}

/** The commands' replies are not taken on trust: a build that another client aborts can look like a success. */
async function verify(session: Session, changes: readonly Change[], outcomes: ReadonlyMap<Change, ChangeOutcome>) {
  const expected = changes.filter((change) => outcomes.get(change)?.outcome !== 'kept');
  const missing = judge(await readTouched(session, expected), expected).filter(({ verdict }) => verdict !== 'already');
  if (missing.length === 0) return;
  const what = missing.map(({ change }) => describeChange(change)).join(', ');
  throw new Error(`The server said that it was done, but these changes do not hold: ${what}. Run again to make them.`);
}
