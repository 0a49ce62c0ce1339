import { isDataStep } from '../../../migration';
import { entriesIn, find, isWithin, timeSeriesOf, type Change, type Location, type PlainObject } from '../../../schema';
import { humanSeconds } from '../../../support/counts';
import { requiresDate } from '../tightening';
import type { Subject, Violation } from '../types';
import { changesOf, sourceOf, type StepChange } from '../walk';

export interface TtlNames {
  readonly collection: string;
  readonly name: string;
  readonly field: string;
  readonly seconds: number;
  /** The filter of a partial index: only matching documents expire. */
  readonly where?: PlainObject | undefined;
}

/** A TTL that a change sets, and the TTL before the change. */
interface SetTtl extends TtlNames, StepChange {
  readonly before: number | undefined;
}

function setTtls({ migration, after }: Subject): SetTtl[] {
  return changesOf(migration).flatMap((stepChange) => {
    const { change } = stepChange;
    if (change.kind === 'collection') return expiryOf(stepChange, change);
    if (change.to === undefined || (change.kind !== 'index' && change.kind !== 'index.expireAfterSeconds')) return [];
    const { collection, name } = change.place;
    const index = find(after, 'index', { collection, name });
    if (index?.expireAfterSeconds === undefined) return [];
    const { key, expireAfterSeconds: seconds, partialFilterExpression: where } = index;
    const field = Object.keys(key)[0] ?? '';
    const before = change.kind === 'index.expireAfterSeconds' ? change.from : undefined;
    return [{ ...stepChange, collection, name, field, seconds, before, where }];
  });
}

/** Documents expire by `_id` in a clustered collection, and by the timeField in a time series. A new, empty collection is left out. */
function expiryOf({ step }: StepChange, change: Change<'collection'>): SetTtl[] {
  const { place, from, to } = change;
  const [before, seconds] = [from?.['expireAfterSeconds'], to?.['expireAfterSeconds']];
  if (!from || typeof seconds !== 'number') return [];
  const field = timeSeriesOf(from)?.timeField ?? '_id';
  const names = { collection: place.collection, name: '_id_', field, seconds };
  return [{ step, change, ...names, before: typeof before === 'number' ? before : undefined }];
}

/** If a data step of an earlier migration deletes from the collection, it is assumed to delete the expired documents. */
export function* ttlOverData(subject: Subject): Generator<Violation<TtlNames>> {
  const deleted = subject.earlier
    .flatMap(({ steps }) => steps.filter(isDataStep))
    .filter((step) => /\bdelete(?:Many|One)\b/.test(sourceOf(step)))
    .flatMap(({ writes = [] }) => writes);
  for (const { step, change, before, ...names } of setTtls(subject)) {
    const isShorter = before === undefined || names.seconds < before;
    if (!isShorter || !subject.holdsData(names.collection) || deleted.includes(names.collection)) continue;
    const message = `The server will immediately begin to delete documents whose ${names.field} is older than ${humanSeconds(names.seconds)}.`;
    yield { step, location: change, message, names };
  }
}

export interface UndatedNames extends TtlNames {
  /** The verb that sets the collection's validator. */
  readonly verb: 'addValidator' | 'changeValidator';
}

/** Uses the validator after all migrations, because a validator may come after the indexes of a new collection. */
export function* ttlWithoutDate({ migration, head, isLastToChange }: Subject): Generator<Violation<UndatedNames>> {
  const changes = changesOf(migration);
  for (const collection of new Set(changes.map(({ change }) => change.place.collection))) {
    // In a time series, the server refuses documents whose timeField is not a date.
    if (timeSeriesOf(find(head, 'collection', { collection }))) continue;
    const validator = find(head, 'validator', { collection });
    for (const { place, value } of entriesIn(head, collection, 'index')) {
      const { name } = place;
      const { key, expireAfterSeconds: seconds } = value;
      const field = Object.keys(key)[0] ?? '';
      if (seconds === undefined || requiresDate(validator, field)) continue;
      const places: Location[] = [
        { kind: 'index', place },
        { kind: 'validator', place: { collection } },
      ];
      const mine = places.map((outer) => changes.find(({ change }) => isWithin(change, outer)));
      const culprit = mine.find((each) => each !== undefined);
      if (!culprit || !places.every(isLastToChange)) continue;
      const message = `The validator of ${collection} does not require ${field} to be a date, so some documents may never expire.`;
      const verb = validator ? 'changeValidator' : 'addValidator';
      yield {
        step: culprit.step,
        location: culprit.change,
        message,
        names: { collection, name, field, seconds, verb },
      };
    }
  }
}
