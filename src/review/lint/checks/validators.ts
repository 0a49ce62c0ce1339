import { isDataStep } from '../../../migration';
import { find, isPlainObject, timeSeriesOf, type Plain } from '../../../schema';
import { firstOf } from '../../../support/counts';
import { portablePattern } from '../../portable-pattern';
import { refuses, tightenings } from '../tightening';
import type { Subject, Violation } from '../types';
import { changesOf, setValidators } from '../walk';

export interface ValidatorNames {
  readonly collection: string;
  /** A field that becomes required. */
  readonly required: string | undefined;
  readonly verb: 'addValidator' | 'changeValidator';
}

const shown = 3;

/** If an earlier migration has a data step on the collection, it is assumed to correct the documents that the validator would refuse. */
export function* tightenedOverData({ migration, earlier, holdsData }: Subject): Generator<Violation<ValidatorNames>> {
  const mended = earlier.flatMap(({ steps }) => steps.filter(isDataStep)).flatMap(({ writes = [] }) => writes);
  for (const { step, change, collection, from, to } of setValidators(migration)) {
    if (!holdsData(collection) || mended.includes(collection)) continue;
    const found = tightenings(from, to);
    if (found.length === 0) continue;
    yield {
      step,
      location: change,
      message: `It ${firstOf(
        found.map(({ what }) => what),
        shown,
      )}.`,
      names: {
        collection,
        required: found.find(({ required }) => required !== undefined)?.required,
        verb: from ? 'changeValidator' : 'addValidator',
      },
    };
  }
}

export interface OpenNames {
  readonly collection: string;
  /** Whether the collection has a validator that accepts everything. */
  readonly hasOne: boolean;
}

/** Uses the schema after all migrations, because the validator may come in a separate migration. */
export function* withoutValidator({ migration, head, isLastToChange }: Subject): Generator<Violation<OpenNames>> {
  for (const { step, change } of changesOf(migration)) {
    const { kind, place } = change;
    const { collection } = place;
    const validator = find(head, 'validator', { collection });
    const isMadeHere = kind === 'collection' && change.from === undefined;
    const options = find(head, 'collection', { collection });
    if (!options || timeSeriesOf(options) || (!isMadeHere && kind !== 'validator')) continue;
    if ((validator && refuses(validator)) || !isLastToChange({ kind: 'validator', place: { collection } })) continue;
    if (
      isMadeHere &&
      changesOf(migration).some(
        ({ change: other }) => other.kind === 'validator' && other.place.collection === collection,
      )
    )
      continue;
    const message = validator
      ? `The validator of ${collection} accepts everything.`
      : `No migration gives ${collection} a validator.`;
    yield { step, location: change, message, names: { collection, hasOne: validator !== undefined } };
  }
}

export interface PatternNames {
  readonly collection: string;
  readonly pattern: string;
}

/** Finds patterns that other languages read differently. Skips a validator that a later migration changes. */
export function* unportablePattern({ migration, isLastToChange }: Subject): Generator<Violation<PatternNames>> {
  for (const { step, change, collection, to } of setValidators(migration)) {
    if (!isLastToChange({ kind: 'validator', place: { collection } })) continue;
    for (const { place, pattern } of patternsIn(to.validator['$jsonSchema'], collection)) {
      const read = portablePattern(pattern);
      if (!('problem' in read)) continue;
      const message = `The pattern of ${place} has ${read.problem}.`;
      yield { step, location: change, message, names: { collection, pattern } };
    }
  }
}

/** Returns the patterns of a schema, each with its field. */
function* patternsIn(schema: Plain | undefined, place: string): Generator<{ place: string; pattern: string }> {
  if (Array.isArray(schema)) for (const part of schema as readonly Plain[]) yield* patternsIn(part, place);
  if (!isPlainObject(schema)) return;
  const { pattern, properties, patternProperties, items, ...others } = schema;
  if (typeof pattern === 'string') yield { place, pattern };
  for (const fields of [properties, patternProperties]) {
    for (const [name, part] of Object.entries(isPlainObject(fields) ? fields : {}))
      yield* patternsIn(part, `${place}.${name}`);
  }
  yield* patternsIn(items, `${place}[]`);
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'not', 'additionalProperties', 'additionalItems'])
    yield* patternsIn(others[keyword], place);
}
