import { KnownFields } from '../../../migration';
import { entriesIn, find, isWithin, type Index, type Location } from '../../../schema';
import type { Subject, Violation } from '../types';
import { changesOf } from '../walk';
import type { IndexNames } from './indexes';

export interface UnknownFieldNames extends IndexNames {
  /** The field that the validator does not list. */
  readonly field: string;
  /** The most similar known field. */
  readonly near: string | undefined;
}

/** Uses the validator after all migrations, because a validator may come after the indexes of a new collection. */
export function* indexOnUnknownField(subject: Subject): Generator<Violation<UnknownFieldNames>> {
  const { migration, head, isLastToChange } = subject;
  const changes = changesOf(migration);
  for (const collection of new Set(changes.map(({ change }) => change.place.collection))) {
    const validator = find(head, 'validator', { collection });
    if (!validator) continue;
    const known = new KnownFields();
    known.addValidator(validator);
    for (const { place, value: index } of entriesIn(head, collection, 'index')) {
      const places: Location[] = [
        { kind: 'index', place },
        { kind: 'validator', place: { collection } },
      ];
      const culprit = places.flatMap((outer) => changes.find(({ change }) => isWithin(change, outer)) ?? [])[0];
      if (!culprit || !places.every(isLastToChange)) continue;
      const { step, change: location } = culprit;
      const { name } = place;
      const serves = 'serves' in step ? step.serves[`${collection}.${name}`] : undefined;
      for (const field of fieldsOf(index).filter((one) => !known.has(one.split('.')))) {
        const near = known.nearest(field.split('.'));
        const hint = near === undefined ? '' : `; ${near} is similar`;
        yield {
          step,
          location,
          message: `The validator of ${collection} lists its fields, but not ${field}${hint}.`,
          names: { collection, name, index, serves, field, near },
        };
      }
    }
  }
}

/** Returns the field paths of an index, without array positions and without `_id`. For `a.$**`, returns `a`. */
function fieldsOf({ key, weights = {} }: Index): string[] {
  return Object.keys({ ...key, ...weights })
    .map((path) => path.split('.').filter((part) => part !== '$**' && !/^\d+$/.test(part)))
    .filter(([first]) => first !== undefined && first !== '_id')
    .map((parts) => parts.join('.'));
}
