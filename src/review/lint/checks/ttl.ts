import { isDataStep } from '../../../migration';
import type { Place } from '../../../schema';
import { requiresDate } from '../tightening';
import type { Subject, Violation } from '../types';
import { changesOf, sourceOf, type StepChange } from '../walk';

export interface TtlNames {
  readonly collection: string;
  readonly name: string;
  readonly field: string;
  readonly seconds: number;
}

/** A TTL that a change sets, and the one before it. */
interface SetTtl extends TtlNames, StepChange {
  readonly before: number | undefined;
}

function setTtls({ migration, after }: Subject): SetTtl[] {
  return changesOf(migration).flatMap((stepChange) => {
    const { at, from, to } = stepChange.change;
    if (at[1] !== 'indexes') return [];
    const [collection, , name, attribute] = at;
    const index = after.get(collection)?.indexes[name];
    const seconds = index?.expireAfterSeconds;
    if (to === undefined || seconds === undefined || (attribute !== undefined && attribute !== 'expireAfterSeconds'))
      return [];
    const field = Object.keys(index?.key ?? {})[0] ?? '';
    return [{ ...stepChange, collection, name, field, seconds, before: typeof from === 'number' ? from : undefined }];
  });
}

/** A data step that deletes in the collection, in a migration before, has taken care of what is too old. */
export function* ttlOverData(subject: Subject): Generator<Violation<TtlNames>> {
  const deleted = subject.earlier
    .flatMap(({ steps }) => steps.filter(isDataStep))
    .filter((step) => /\bdelete(?:Many|One)\b/.test(sourceOf(step)))
    .flatMap(({ writes = [] }) => writes);
  for (const { step, change, before, ...names } of setTtls(subject)) {
    const isShorter = before === undefined || names.seconds < before;
    if (!isShorter || !subject.holdsData(names.collection) || deleted.includes(names.collection)) continue;
    const message = `The server begins at once to delete what is older than ${names.seconds} seconds by ${names.field}.`;
    yield { step, at: change.at, message, names };
  }
}

export interface UndatedNames extends TtlNames {
  /** The verb that gives the collection its validator. */
  readonly verb: 'addValidator' | 'changeValidator';
}

/** Judged by the validator at the head of history: validators may come after the indexes of a new collection. */
export function* ttlWithoutDate({ migration, head, isLastToChange }: Subject): Generator<Violation<UndatedNames>> {
  const changes = changesOf(migration);
  for (const collection of new Set(changes.map(({ change }) => change.at[0]))) {
    const { indexes = {}, validator } = head.get(collection) ?? {};
    for (const [name, { key, expireAfterSeconds: seconds }] of Object.entries(indexes)) {
      const field = Object.keys(key)[0] ?? '';
      if (seconds === undefined || requiresDate(validator, field)) continue;
      const places: Place[] = [
        [collection, 'indexes', name],
        [collection, 'validator'],
      ];
      const mine = places.map((place) => changes.find(({ change: { at } }) => startsWith(at, place)));
      const culprit = mine.find((each) => each !== undefined);
      if (!culprit || !places.every(isLastToChange)) continue;
      const message = `The validator of ${collection} does not require ${field} to be a date, so some documents never expire.`;
      const verb = validator ? 'changeValidator' : 'addValidator';
      yield { step: culprit.step, at: culprit.change.at, message, names: { collection, name, field, seconds, verb } };
    }
  }
}

function startsWith(at: Place, place: Place): boolean {
  return place.every((part, depth) => at[depth] === part);
}
