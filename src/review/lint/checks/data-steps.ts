import { isDataStep, isOpaque } from '../../../migration';
import type { Subject, Violation } from '../types';
import { changesOf, sourceOf } from '../walk';

export interface DataNames {
  /** The first collection in the `writes` of the step. */
  readonly collection: string;
  /** The description of the step. */
  readonly what: string;
}

/** Matches a write to every document that a filter finds. A filter by `_id` is allowed, because such a write is a batch. */
const unbatched = /\.(updateMany|deleteMany)\(\s*(?!\{\s*['"]?_id\b)/;
const renames = /\.rename\(|\brenameCollection\b/;

function* stepsWith(
  pattern: RegExp,
  { migration }: Subject,
  message: (found: string) => string,
): Generator<Violation<DataNames>> {
  for (const step of migration.steps.filter(isDataStep)) {
    const match = pattern.exec(sourceOf(step));
    if (!match) continue;
    const [collection] = step.writes ?? [];
    yield {
      step,
      ...(collection !== undefined && { location: { kind: 'collection', place: { collection } } }),
      message: message(match[1] ?? match[0]),
      names: { collection: collection ?? '…', what: step.describe[0] ?? '…' },
    };
  }
}

export function unbatchedWrite(subject: Subject): Iterable<Violation<DataNames>> {
  return stepsWith(unbatched, subject, (found) => `The step calls ${found} over a whole collection.`);
}

export interface RenameNames extends Pick<DataNames, 'collection'> {
  readonly becomes: string;
}

/** Finds renames of collections in the base that leave nothing under the old name. In data steps, finds every rename. */
export function* renamedCollection(subject: Subject): Generator<Violation<RenameNames>> {
  for (const found of stepsWith(renames, subject, () => 'The step renames a collection.')) {
    yield { ...found, names: { collection: found.names.collection, becomes: '…' } };
  }
  for (const { step, change } of changesOf(subject.migration)) {
    if (change.kind !== 'collection.name') continue;
    const { collection, becomes } = change.place;
    const hasName = [subject.after, subject.head].some((schema) => Object.hasOwn(schema, collection));
    if (!subject.holdsData(collection) || hasName) continue;
    const message = `The name ${collection} does not exist any more after the rename to ${becomes}.`;
    yield { step, location: change, message, names: { collection, becomes } };
  }
}

export interface IrreversibleNames {
  readonly what: string;
  readonly why: string;
}

export function* irreversibleStep({ migration }: Subject): Generator<Violation<IrreversibleNames>> {
  for (const step of migration.steps.filter(isDataStep)) {
    if (typeof step.undo !== 'object' || isOpaque(step)) continue;
    const [collection] = step.writes ?? [];
    const [what = '…'] = step.describe;
    yield {
      step,
      ...(collection !== undefined && { location: { kind: 'collection', place: { collection } } }),
      message: `"${what}" cannot be undone: ${step.undo.irreversible}.`,
      names: { what, why: step.undo.irreversible },
    };
  }
}
