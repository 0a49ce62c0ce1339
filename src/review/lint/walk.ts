import type { DataStep, Migration, Step } from '../../migration';
import type { Change, Index, Kind, Validator } from '../../schema';

/** A change, and the step that makes it. */
export interface StepChange<K extends Kind = Kind> {
  readonly step: Step;
  readonly change: Change<K>;
}

export function changesOf({ steps }: Migration): StepChange[] {
  return steps.flatMap((step) => step.changes.map((change) => ({ step, change })));
}

/** Returns the changes of one kind. */
function changesOfKind<K extends Kind>(migration: Migration, kind: K): StepChange<K>[] {
  return changesOf(migration).filter((one): one is StepChange & StepChange<K> => one.change.kind === kind);
}

/** An index that a step creates or drops. */
export interface StepIndex extends StepChange<'index'> {
  readonly collection: string;
  readonly name: string;
  readonly index: Index;
  /** The `serves` text in the step. */
  readonly serves: string | undefined;
}

export function createdIndexes(migration: Migration): StepIndex[] {
  return indexesOf(migration, ({ from, to }) => (from === undefined ? to : undefined));
}

/** Returns the indexes that the server must build, including those that replace another one of the same name. */
export function builtIndexes(migration: Migration): StepIndex[] {
  return indexesOf(migration, ({ to }) => to);
}

/** Returns the indexes that a migration drops, except those that are dropped with their collection. */
export function droppedIndexes(migration: Migration): StepIndex[] {
  const gone = new Set(droppedCollections(migration).map(({ change }) => change.place.collection));
  return indexesOf(migration, ({ from, to }) => (to === undefined ? from : undefined)).filter(
    ({ collection }) => !gone.has(collection),
  );
}

function indexesOf(migration: Migration, pick: (change: Change<'index'>) => Index | undefined): StepIndex[] {
  return changesOfKind(migration, 'index').flatMap(({ step, change }) => {
    const { collection, name } = change.place;
    const index = pick(change);
    const serves = 'serves' in step ? step.serves[`${collection}.${name}`] : undefined;
    return index ? [{ step, change, collection, name, index, serves }] : [];
  });
}

export function droppedCollections(migration: Migration): StepChange<'collection'>[] {
  return changesOfKind(migration, 'collection').filter(({ change }) => change.to === undefined);
}

/** A validator that a step sets. */
export interface StepValidator extends StepChange<'validator'> {
  readonly collection: string;
  readonly from: Validator | undefined;
  readonly to: Validator;
}

export function setValidators(migration: Migration): StepValidator[] {
  return changesOfKind(migration, 'validator').flatMap(({ step, change }) => {
    const { place, from, to } = change;
    return to ? [{ step, change, collection: place.collection, from, to }] : [];
  });
}

/** Returns the source code of a step's functions `run` and `undo`, without the functions that these call. */
export function sourceOf(step: DataStep): string {
  return Object.entries(step)
    .filter(([name, value]) => (name === 'run' || name === 'undo') && typeof value === 'function')
    .map(([, value]) => String(value))
    .join('\n');
}
