import type { Db } from 'mongodb';
import type { LiveSchema } from '../../database';
import { nameTaken, type Change, type Draft, type Kind, type Missing, type Place, type Value } from '../../schema';
import type { PreflightFinding } from '../preflight';
import type { Session } from '../session';

/** How a change compares with the live schema: it holds, it can be made, or the row that it is about was edited and stays. */
export type Verdict = 'already' | 'pending' | 'kept';

export interface JudgedChange<K extends Kind = Kind> {
  readonly change: Change<K>;
  readonly verdict: Verdict;
}

/** What became of a change: made now, found made, or (a row that people edited) kept as it is. */
export type Outcome = 'done' | 'already' | 'kept';

/** What can be done to a server, and the kinds of changes that it makes. */
export interface Actions {
  readonly createCollection: 'collection';
  readonly changeCollection: 'collection';
  readonly dropCollection: 'collection';
  readonly renameCollection: 'collection.name';
  readonly setValidator: 'validator';
  readonly createIndex: 'index';
  readonly dropIndex: 'index';
  /** Drops it, and builds another one under its name. */
  readonly replaceIndex: 'index';
  readonly changeIndex: 'index.expireAfterSeconds' | 'index.hidden';
  readonly makeUnique: 'index.unique';
  readonly unmakeUnique: 'index.unique';
  readonly insertDocument: 'document';
  readonly updateDocument: 'document';
  readonly removeDocument: 'document';
  readonly createView: 'view';
  readonly changeView: 'view';
  readonly dropView: 'view';
}

export type Action = keyof Actions;

/** The actions that make changes of a kind. */
export type ActionFor<K extends Kind> = { [A in Action]: K extends Actions[A] ? A : never }[Action];

/** Takes one action in one collection. Resolves to what became of each change, in their order. */
export type Executor<A extends Action> = (
  session: Session,
  collection: string,
  judged: readonly JudgedChange<Actions[A]>[],
) => Promise<Outcome[]>;

/** What else, besides options and validator, must be read from a collection to judge a change in it. */
export interface Reads {
  readonly indexes?: true;
  /** The key of a reference document. */
  readonly document?: string;
}

/** What a look at the live data found; the count is absent when the query took too long. */
export type Measured = Pick<PreflightFinding, 'count'> & {
  readonly samples?: readonly string[];
  readonly message: string;
  /** Whether the change would fail because of it, where that is not the same for all that the look finds. */
  readonly blocks?: boolean;
};

/** A query about the data that a change depends on. Read-only. */
export interface Look {
  readonly kind: PreflightFinding['kind'];
  /** Whether the change would fail because of what it finds. */
  readonly blocks: boolean;
  /** Resolves to undefined when there is nothing to report. `maxTimeMS` bounds each query. */
  readonly measure: (db: Db, maxTimeMS: number) => Promise<Measured | undefined>;
}

/** What surrounds a change that is looked at. */
export interface Surroundings {
  /** The schema as it is when the change is made. */
  readonly draft: Draft;
  /** The `_id`s of the reference documents that are removed before the change is made. */
  readonly removed: readonly unknown[];
  /** All changes of its migration; none unless given. */
  readonly siblings?: readonly Change[];
}

/** How changes of one kind are judged and made on a server. */
export interface Execution<K extends Kind> {
  /** What makes a change; undefined when no command of the server does. */
  action(change: Change<K>): ActionFor<K> | undefined;
  reads(place: Place<K>): Reads;
  /** Whether an interrupted action has left the place between the two sides of a change. */
  isHalfDone(change: Change<K>, draft: Draft): boolean;
  /** Whether neither side of a change can hold, because what the place belongs to does not exist. */
  holdsNeitherSide(place: Place<K>, draft: Draft): boolean;
  /** Whether a value that people edited stays, where a change would alter or remove it. */
  readonly keepsEdited: boolean;
  /** Whether its changes depend on other names, and so are made one at a time, in their order. */
  readonly isInOrder: boolean;
  /** Why the server would refuse, or silently misread, a change whose place is as expected. */
  obstacle(change: Change<K>, draft: Draft, live: LiveSchema): string | undefined;
  /** What a person can do when something else is in the place. */
  remedy(change: Change<K>, found: Value<K> | undefined): string;
  looks(change: Change<K>, surroundings: Surroundings): readonly Look[];
}

/** In a sentence, why something cannot be put where what it needs does not exist. */
export function describeMissing(missing: Missing | undefined): string | undefined {
  if (missing?.instead) return `${missing.what} does not exist: that name belongs to a ${missing.instead}`;
  const instead = missing?.near === undefined ? '' : `did you mean ${missing.near}? Else `;
  return missing && `${missing.what} does not exist; ${instead}${missing.verb} makes it`;
}

/** In a sentence, why something new cannot have its name: something of another kind has it. */
export function describeTaken<K extends Kind>(change: Change<K>, draft: Draft, live: LiveSchema): string | undefined {
  if (change.to === undefined) return undefined;
  const taken = nameTaken(change, draft);
  if (taken !== undefined) return `${taken}; drop it in a migration before this one, or rename or drop it by hand`;
  const other = live.others.get(change.place.collection);
  return other && `a ${other} of that name is there; rename or drop it by hand, no verb touches it`;
}

export function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** Makes the pending changes one after the other. */
export function eachPending<K extends Kind>(
  run: (session: Session, collection: string, change: Change<K>) => Promise<unknown>,
) {
  return allPending<K>(async (session, collection, changes) => {
    for (const change of changes) await run(session, collection, change);
    return changes.map(() => 'done' as const);
  });
}

/** Makes the pending changes together. */
export function allPending<K extends Kind>(
  run: (session: Session, collection: string, changes: readonly Change<K>[]) => Promise<Outcome[]>,
) {
  return async (session: Session, collection: string, judged: readonly JudgedChange<K>[]): Promise<Outcome[]> => {
    const pending = judged.filter(({ verdict }) => verdict === 'pending').map(({ change }) => change);
    const outcomes = pending.length > 0 ? await run(session, collection, pending) : [];
    return judged.map(({ verdict }) => (verdict === 'pending' ? (outcomes.shift() ?? 'done') : verdict));
  };
}
