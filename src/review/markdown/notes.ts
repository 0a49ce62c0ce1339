import {
  actionOf,
  entriesIn,
  find,
  levelOf,
  timeSeriesOf,
  type TimeSeriesFields,
  type Index,
  type Schema,
  type Validator,
  redundantPrefixes,
} from '../../schema';
import { code, fieldsOf, otherChecks } from '../explain';

/** Returns the facts about a collection that its tables do not show, one sentence each. */
export function notesOn(schema: Schema, collection: string): string[] {
  const validator = find(schema, 'validator', { collection });
  const indexes = entriesIn(schema, collection, 'index');
  const series = timeSeriesOf(find(schema, 'collection', { collection }));
  return [
    ...(validator || series ? [] : ['It has no validator, so any document is accepted.']),
    ...(series ? [noteOnSeries(series)] : []),
    ...(validator && levelOf(validator) !== 'strict'
      ? [`Its validator is ${code(levelOf(validator))}: ${levels[levelOf(validator)] ?? 'see the manual'}.`]
      : []),
    ...(validator && actionOf(validator) === 'warn'
      ? ['Its validator only warns: the server stores a document that does not pass, and logs it.']
      : []),
    ...(otherChecks(validator) === undefined ? [] : [`Rules for the whole document: ${otherChecks(validator) ?? ''}.`]),
    ...redundantPrefixes(indexes).map(
      ({ prefix, of }) =>
        `The index ${code(prefix)} is a prefix of ${of.map(code).join(' and of ')}, which ${of.length === 1 ? 'serves' : 'each serve'} the same queries. Every write updates ${of.length === 1 ? 'both' : 'all of them'}.`,
    ),
    ...indexes.flatMap(({ place, value }) => ttlNotes(place.name, value, validator)),
    ...entriesIn(schema, collection, 'index.hidden').map(
      ({ place }) =>
        `The index ${code(place.name)} is hidden: queries do not use it, but every write still updates it.`,
    ),
  ];
}

function noteOnSeries({ timeField, metaField }: TimeSeriesFields): string {
  const date = `It is a time series: each document has a date in ${code(timeField)}`;
  if (metaField === undefined) return `${date}.`;
  return `${date}, and ${code(metaField)} identifies the series. The server maintains an index on both fields.`;
}

const levels: Readonly<Record<string, string>> = {
  moderate: 'invalid documents that already exist may be updated',
  off: 'nothing is checked',
};

function ttlNotes(name: string, { key, expireAfterSeconds }: Index, validator: Validator | undefined): string[] {
  if (expireAfterSeconds === undefined) return [];
  const path = Object.keys(key)[0] ?? '';
  const field = fieldsOf(validator).find((one) => one.path === path);
  if (field?.required && field.type === 'date') return [];
  const why = field ? `is ${field.required ? '' : 'optional and '}${field.type}` : 'is not checked';
  return [`The TTL of ${code(name)} never deletes documents whose ${code(path)} is not a date, and the field ${why}.`];
}
