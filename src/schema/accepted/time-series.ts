import { isPlainObject } from '../plain';
import type { Plain, PlainObject } from '../schema';
import { granularities } from '../time-series';
import { oneOf, optionProblems, show, whole, type Known, type KnownOptions } from './values';

/** One year, in seconds. */
const longestSpan = 31_536_000;

const field: Known = {
  words: 'the name of a field at the top level of a document, without a dot, and without a dollar sign in front',
  takes: (value) => typeof value === 'string' && value !== '' && !/^\$|[.\0]/.test(value),
};

const known: KnownOptions = {
  timeField: field,
  metaField: field,
  granularity: oneOf(...granularities),
  bucketMaxSpanSeconds: whole(1, longestSpan),
  bucketRoundingSeconds: whole(1, longestSpan),
};

/** Options that are not allowed for a time series. */
const foreign = ['capped', 'size', 'max', 'clusteredIndex', 'changeStreamPreAndPostImages'];

/**
 * Yields the problems for which the server would refuse a time series. Each problem is the end of a sentence that begins with its name.
 * @see https://www.mongodb.com/docs/v7.0/core/timeseries-collections/
 */
export function* timeSeriesProblems(timeseries: Plain, others: PlainObject): Generator<string> {
  if (!isPlainObject(timeseries)) {
    yield `has \`timeseries: ${show(timeseries)}\`, which must be an object such as { timeField: 'at' }`;
    return;
  }
  for (const problem of optionProblems(timeseries, known)) yield `is a time series that ${problem}`;
  const { timeField, metaField, granularity, bucketMaxSpanSeconds: span, bucketRoundingSeconds: rounding } = timeseries;
  if (timeField === undefined) yield 'is a time series without `timeField`, the field with the date of a document';
  if (timeField === '_id') yield 'is a time series by `_id`, which cannot be the field of dates';
  if (metaField === '_id') yield 'is a time series whose metaField is `_id`, which cannot identify a series';
  if (metaField !== undefined && metaField === timeField)
    yield 'is a time series with the same field for `timeField` and `metaField`: leave the metaField out, or name another field';
  if (granularity !== undefined && (span ?? rounding) !== undefined)
    yield 'is a time series with both a granularity and bucket spans: keep one of them';
  if (span !== rounding)
    yield 'is a time series whose `bucketMaxSpanSeconds` and `bucketRoundingSeconds` are not equal';
  for (const option of foreign)
    if (others[option] !== undefined) yield `is a time series, which does not allow \`${option}\``;
}
