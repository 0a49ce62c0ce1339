import type { Db } from 'mongodb';
import type { LiveSchema } from '../../database';
import { nameTaken, type Change, type Draft, type Kind, type Missing, type Place, type Value } from '../../schema';
import type { PreflightFinding } from '../preflight';
import type { Session } from '../session';

/** How a change compares with the live schema: it is already in place, it is pending, or its row was edited by hand and is kept. */
export type Verdict = 'already' | 'pending' | 'kept';

export interface JudgedChange<K extends Kind = Kind> {
  readonly change: Change<K>;
  readonly verdict: Verdict;
}

/** The outcome of a change: made now, already made, or (for a row that was edited by hand) kept unchanged. */
export type Outcome = 'done' | 'already' | 'kept';

/** The actions on a server, and the kinds of changes that each action makes. */
export interface Actions {
  readonly createCollection: 'collection';
  readonly changeCollection: 'collection';
  readonly dropCollection: 'collection';
  readonly renameCollection: 'collection.name';
  readonly setValidator: 'validator';
  readonly createIndex: 'index';
  readonly dropIndex: 'index';
  /** Drops the index, and builds another index under the same name. */
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

/** The actions that make changes of the kind `K`. */
export type ActionFor<K extends Kind> = { [A in Action]: K extends Actions[A] ? A : never }[Action];

/** Runs one action in one collection. Resolves to the outcome of each change, in the order of the changes. */
export type Executor<A extends Action> = (
  session: Session,
  collection: string,
  judged: readonly JudgedChange<Actions[A]>[],
) => Promise<Outcome[]>;

/** What must be read from a collection to judge a change in it, in addition to its options and its validator. */
export interface Reads {
  readonly indexes?: true;
  /** The key of a reference document. */
  readonly document?: string;
}

/** The result of a check of the live data. The count is absent when the query took too long. */
export type Measured = Pick<PreflightFinding, 'count'> & {
  readonly samples?: readonly string[];
  readonly message: string;
  /** Whether the change would fail because of this result. Absent when {@link Look.blocks} applies to every result. */
  readonly blocks?: boolean;
};

/** A read-only check of data that a change depends on. */
export interface Look {
  readonly kind: PreflightFinding['kind'];
  /** Whether the change would fail because of what the check finds. */
  readonly blocks: boolean;
  /** Resolves to undefined when there is nothing to report. `maxTimeMS` limits each query. */
  readonly measure: (db: Db, maxTimeMS: number) => Promise<Measured | undefined>;
}

/** The context of a change that is checked. */
export interface Surroundings {
  /** The schema as it is right before the change. */
  readonly draft: Draft;
  /** The `_id`s of the reference documents that are removed before the change. */
  readonly removed: readonly unknown[];
  /** All changes of the same migration. The default is none. */
  readonly siblings?: readonly Change[];
}

/** How changes of one kind are judged and made on a server. */
export interface Execution<K extends Kind> {
  /** Returns the action that makes a change; undefined when the server has no command for it. */
  action(change: Change<K>): ActionFor<K> | undefined;
  reads(place: Place<K>): Reads;
  /** Returns whether an interrupted action has left the place in a state between the two sides (`from` and `to`) of a change. */
  isHalfDone(change: Change<K>, draft: Draft): boolean;
  /** Returns whether the place can match neither `from` nor `to`, because the collection or index of the place does not exist. */
  holdsNeitherSide(place: Place<K>, draft: Draft): boolean;
  /** Whether a value that was edited by hand is kept when a change would alter or remove it. */
  readonly keepsEdited: boolean;
  /** Whether changes of this kind depend on the names of other collections or views, and so are made one at a time, in order. */
  readonly isInOrder: boolean;
  /** Returns why the server would refuse a change, or would silently do something else, although the place is as expected. */
  obstacle(change: Change<K>, draft: Draft, live: LiveSchema): string | undefined;
  /** Returns what a person can do when the place is not as expected. */
  remedy(change: Change<K>, found: Value<K> | undefined, draft: Draft): string;
  looks(change: Change<K>, surroundings: Surroundings): readonly Look[];
}

/** Explains why something cannot be created: something that it needs does not exist. */
export function describeMissing(missing: Missing | undefined): string | undefined {
  if (missing?.instead) return `${missing.what} does not exist: a ${missing.instead} has that name`;
  const instead = missing?.near === undefined ? '' : `did you mean ${missing.near}? Otherwise `;
  return missing && `${missing.what} does not exist; ${instead}${missing.verb} makes it`;
}

/** Explains why something new cannot have its name: something of another kind has that name. */
export function describeTaken<K extends Kind>(change: Change<K>, draft: Draft, live: LiveSchema): string | undefined {
  if (change.to === undefined) return undefined;
  const taken = nameTaken(change, draft);
  if (taken !== undefined) return `${taken}; drop it in an earlier migration, or rename or drop it by hand`;
  const other = live.others.get(change.place.collection);
  return other && `a ${other} with that name exists; rename or drop it by hand, since no verb changes it`;
}

export function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** Returns an executor that makes the pending changes one by one. */
export function eachPending<K extends Kind>(
  run: (session: Session, collection: string, change: Change<K>) => Promise<unknown>,
) {
  return allPending<K>(async (session, collection, changes) => {
    for (const change of changes) await run(session, collection, change);
    return changes.map(() => 'done' as const);
  });
}

/** Returns an executor that applies all pending changes in one call. */
export function allPending<K extends Kind>(
  run: (session: Session, collection: string, changes: readonly Change<K>[]) => Promise<Outcome[]>,
) {
  return async (session: Session, collection: string, judged: readonly JudgedChange<K>[]): Promise<Outcome[]> => {
    const pending = judged.filter(({ verdict }) => verdict === 'pending').map(({ change }) => change);
    const outcomes = pending.length > 0 ? await run(session, collection, pending) : [];
    return judged.map(({ verdict }) => (verdict === 'pending' ? (outcomes.shift() ?? 'done') : verdict));
  };
}
