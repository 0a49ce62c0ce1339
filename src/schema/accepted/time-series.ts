import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { granularities } from '../time-series';
import { oneOf, optionProblems, show, whole, type Known, type KnownOptions } from './values';

/** In seconds: a year. */
const longestSpan = 31_536_000;

const field: Known = {
  words: 'the name of a field at the top of a document, without a dot, and without a dollar sign in front',
  takes: (value) => typeof value === 'string' && value !== '' && !/^\$|[.\0]/.test(value),
};

const known: KnownOptions = {
  timeField: field,
  metaField: field,
  granularity: oneOf(...granularities),
  bucketMaxSpanSeconds: whole(1, longestSpan),
  bucketRoundingSeconds: whole(1, longestSpan),
};

/** Options that no time series takes. */
const foreign = ['capped', 'size', 'max', 'clusteredIndex', 'changeStreamPreAndPostImages'];

/**
 * Every reason for which the server would refuse a time series, in words that follow its name.
 * @see https://www.mongodb.com/docs/v7.0/core/timeseries-collections/
 */
export function* timeSeriesProblems(timeseries: Plain, others: PlainObject): Generator<string> {
  if (!isPlainObject(timeseries)) {
    yield `has \`timeseries: ${show(timeseries)}\`, which has to be an object such as { timeField: 'at' }`;
    return;
  }
  for (const problem of optionProblems(timeseries, known)) yield `is a time series that ${problem}`;
  const { timeField, metaField, granularity, bucketMaxSpanSeconds: span, bucketRoundingSeconds: rounding } = timeseries;
  if (timeField === undefined)
    yield 'is a time series without `timeField`, the field that holds the date of a document';
  if (timeField === '_id') yield 'is a time series by `_id`, which is no field of dates';
  if (metaField === '_id') yield 'is a time series whose metaField is `_id`, which tells no two series apart';
  if (metaField !== undefined && metaField === timeField)
    yield 'is a time series with one field for `timeField` and `metaField`: leave the metaField out, or name another';
  if (granularity !== undefined && (span ?? rounding) !== undefined)
    yield 'is a time series with a granularity and spans of buckets: give it one of the two';
  if (span !== rounding)
    yield 'is a time series whose `bucketMaxSpanSeconds` and `bucketRoundingSeconds` are not equal';
  for (const option of foreign)
    if (others[option] !== undefined) yield `is a time series, which takes no \`${option}\``;
}
