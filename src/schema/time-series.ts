import { isPlainObject } from './plain';
import type { CollectionOptions, Index, Plain, PlainObject } from './schema';

/** The fields that have a special meaning in a time series. */
export interface TimeSeriesFields {
  readonly timeField: string;
  readonly metaField?: string;
}

/** Returns the time series fields from a collection's options; undefined when the collection is not a time series, or does not exist. */
export function timeSeriesOf(options: CollectionOptions | undefined): TimeSeriesFields | undefined {
  const timeseries = options?.['timeseries'];
  return isPlainObject(timeseries ?? null) ? (timeseries as unknown as TimeSeriesFields) : undefined;
}

/** Returns the options without the server's additions: the granularity `seconds`, and the bucket span that follows from the granularity. */
export function canonicalTimeSeries({ granularity, bucketMaxSpanSeconds, ...others }: PlainObject): PlainObject {
  if (others['bucketRoundingSeconds'] !== undefined && bucketMaxSpanSeconds !== undefined)
    return { ...others, bucketMaxSpanSeconds };
  return granularity === undefined || granularity === 'seconds' ? others : { ...others, granularity };
}

export const granularities = ['seconds', 'minutes', 'hours'] as const;

/**
 * Returns the arguments of `collMod` that make the buckets of a time series larger; undefined for changes that `collMod` refuses: another
 * field, smaller buckets, or a change between a granularity and spans. An increase of the buckets cannot be undone.
 * @see https://www.mongodb.com/docs/v7.0/core/timeseries/timeseries-granularity/
 */
export function growth(from: Plain | undefined, to: Plain | undefined): PlainObject | undefined {
  if (!isPlainObject(from ?? null) || !isPlainObject(to ?? null)) return undefined;
  const [before, after] = [from as PlainObject, to as PlainObject];
  if (before['timeField'] !== after['timeField'] || before['metaField'] !== after['metaField']) return undefined;
  const [span, larger] = [before['bucketMaxSpanSeconds'], after['bucketMaxSpanSeconds']];
  if (typeof span === 'number' && typeof larger === 'number') {
    return larger > span ? { bucketMaxSpanSeconds: larger, bucketRoundingSeconds: larger } : undefined;
  }
  if (span !== undefined || larger !== undefined) return undefined;
  const [at, next] = [before, after].map(({ granularity = 'seconds' }) =>
    granularities.findIndex((one) => one === granularity),
  ) as [number, number];
  return next > at ? { granularity: granularities[next] ?? 'hours' } : undefined;
}

/** Returns whether the server itself created an index of a time series: the index on its metaField and its timeField. */
export function isOwnIndexOf({ timeField, metaField }: TimeSeriesFields, { key }: Pick<Index, 'key'>): boolean {
  return metaField !== undefined && JSON.stringify(key) === JSON.stringify({ [metaField]: 1, [timeField]: 1 });
}

/** Returns why a time series cannot have an index, as text that follows the index's name; undefined when it can have the index. */
export function timeSeriesIndexProblem(options: CollectionOptions, index: Index): string | undefined {
  const { collation } = options;
  const series = timeSeriesOf(options);
  if (!series) return undefined;
  const { timeField, metaField } = series;
  const { key, unique, prepareUnique, sparse, expireAfterSeconds, partialFilterExpression } = index;
  if (isOwnIndexOf(series, index))
    return 'exists already: the server creates this index with the time series; leave it out';
  if (unique ?? prepareUnique) return 'is unique, which is not allowed on a time series';
  const isMeta = (field: string) => field === metaField || field.startsWith(`${metaField ?? ''}.`);
  const ofMeasurements = Object.entries(key).filter(
    ([field]) => field !== timeField && (metaField === undefined || !isMeta(field)),
  );
  const kinds = Object.values(key);
  if (kinds.includes('text')) return 'is a text index, which is not allowed on a time series';
  if (typeof key[timeField] === 'string')
    return `is ${key[timeField]} on ${timeField}, the timeField, which must be 1 or -1`;
  const [wrong] = ofMeasurements.filter(([, kind]) => typeof kind === 'string' && kind !== '2dsphere');
  if (wrong) return `is ${String(wrong[1])} on ${wrong[0]}, which is allowed only on the metaField of a time series`;
  if (ofMeasurements.some(([field]) => field.endsWith('$**')))
    return 'is a wildcard, which on a time series is allowed only below its metaField';
  if (sparse && ofMeasurements.length > 0) return 'is sparse, which on a time series is allowed only on its metaField';
  if (partialFilterExpression && (collation ?? index.collation))
    return 'is partial and has a collation (its own or that of the time series): the server does not accept both together';
  if (expireAfterSeconds === undefined) return undefined;
  const conditions = Object.keys(partialFilterExpression ?? {});
  const isAllowed =
    metaField !== undefined &&
    Object.keys(key).join() === timeField &&
    conditions.length > 0 &&
    conditions.every(isMeta);
  return isAllowed
    ? undefined
    : 'has a TTL, which on a time series needs a key on only the timeField and a partialFilterExpression on the metaField; `expireAfterSeconds` of the time series deletes all old documents';
}
