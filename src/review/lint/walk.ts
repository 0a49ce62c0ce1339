import type { DataStep, Migration, Step } from '../../migration';
import type { Change, Index, Validator } from '../../schema';

/** A change, and the step that makes it. */
export interface StepChange {
  readonly step: Step;
  readonly change: Change;
}

export function changesOf({ steps }: Migration): StepChange[] {
  return steps.flatMap((step) => step.changes.map((change) => ({ step, change })));
}

/** An index that a step creates or drops. */
export interface StepIndex extends StepChange {
  readonly collection: string;
  readonly name: string;
  readonly index: Index;
  /** What its step says that it serves. */
  readonly serves: string | undefined;
}

export function createdIndexes(migration: Migration): StepIndex[] {
  return indexesOf(migration, ({ from, to }) => (from === undefined ? to : undefined));
}

/** Without those that go with their collection. */
export function droppedIndexes(migration: Migration): StepIndex[] {
  const gone = new Set(droppedCollections(migration).map(({ change }) => change.at[0]));
  return indexesOf(migration, ({ from, to }) => (to === undefined ? from : undefined)).filter(
    ({ collection }) => !gone.has(collection),
  );
}

function indexesOf(migration: Migration, pick: (change: Change) => Change['to']): StepIndex[] {
  return changesOf(migration).flatMap(({ step, change }) => {
    const [collection, part, name, attribute] = change.at;
    const index = part === 'indexes' && attribute === undefined ? pick(change) : undefined;
    if (index === undefined || name === undefined) return [];
    const serves = 'serves' in step ? step.serves[`${collection}.${name}`] : undefined;
    return [{ step, change, collection, name, index: index as Index, serves }];
  });
}

export function droppedCollections(migration: Migration): StepChange[] {
  return changesOf(migration).filter(({ change: { at, to } }) => at[1] === 'options' && to === undefined);
}

/** A validator that a step sets. */
export interface StepValidator extends StepChange {
  readonly collection: string;
  readonly from: Validator | undefined;
  readonly to: Validator;
}

export function setValidators(migration: Migration): StepValidator[] {
  return changesOf(migration).flatMap(({ step, change }) =>
    change.at[1] === 'validator' && change.to !== undefined
      ? [
          {
            step,
            change,
            collection: change.at[0],
            from: change.from as Validator | undefined,
            to: change.to as Validator,
          },
        ]
      : [],
  );
}

/** The text of what a step runs, forwards and back. What those functions call elsewhere is not seen. */
export function sourceOf(step: DataStep): string {
  return Object.entries(step)
    .filter(([name, value]) => (name === 'run' || name === 'undo') && typeof value === 'function')
    .map(([, value]) => String(value))
    .join('\n');
}
