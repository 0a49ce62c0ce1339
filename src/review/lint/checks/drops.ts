import { isDataStep } from '../../../migration';
import { entriesIn } from '../../../schema';
import type { Subject, Violation } from '../types';
import { droppedCollections, droppedIndexes } from '../walk';

const hasNoReason = ({ reason = '' }: { readonly reason?: string }) => reason.trim() === '';

export function* collectionWithoutReason({ migration }: Subject): Generator<Violation<{ collection: string }>> {
  for (const { step, change } of droppedCollections(migration)) {
    const { collection } = change.place;
    if (hasNoReason(step))
      yield {
        step,
        location: change,
        message: `The step gives no reason for dropping ${collection}.`,
        names: { collection },
      };
  }
}

export interface FieldNames {
  readonly collection: string;
  readonly field: string;
}

export function* fieldWithoutReason({ migration }: Subject): Generator<Violation<FieldNames>> {
  for (const step of migration.steps.filter(isDataStep)) {
    const [collection] = step.writes ?? [];
    if (collection === undefined || !hasNoReason(step)) continue;
    for (const field of step.unsets ?? []) {
      const message = `The backfill removes the field ${field} from ${collection} without a reason.`;
      const location = { kind: 'collection', place: { collection } } as const;
      yield { step, location, message, names: { collection, field } };
    }
  }
}

/** Finds migrations that drop all indexes of a collection, if there are two or more. A single index is checked like any other drop. */
export function* allIndexesDropped({ migration, after }: Subject): Generator<Violation<{ collection: string }>> {
  const dropped = droppedIndexes(migration);
  for (const collection of new Set(dropped.map((each) => each.collection))) {
    const mine = dropped.filter((each) => each.collection === collection);
    const [first] = mine;
    if (!first || mine.length < 2 || entriesIn(after, collection, 'index').length > 0) continue;
    if (!mine.some(({ step }) => hasNoReason(step))) continue;
    const message = `${collection} loses all of its ${mine.length} indexes, and every query on it scans the collection.`;
    yield { step: first.step, location: first.change, message, names: { collection } };
  }
}
