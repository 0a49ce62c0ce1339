import type { Document } from 'mongodb';
import type { SchemaStep } from '../types';
import { checkNames, checkObject, withoutUndefined } from './arguments';
import { collectionCreated } from './collections';

/** A time series. The options have MongoDB's own names. */
export interface TimeSeriesDefinition {
  /** The field with the date of each document. */
  readonly timeField: string;
  /** The field that identifies a series, such as the sensor. Neither the metaField nor the timeField can be changed later. */
  readonly metaField?: string;
  /** How often a document is added to a series. The default is `seconds`. The granularity can later be made coarser, but not finer. */
  readonly granularity?: 'seconds' | 'minutes' | 'hours';
  /** The maximum time span of a bucket, in seconds. Use this option instead of `granularity`. */
  readonly bucketMaxSpanSeconds?: number;
  /** How the start of a bucket is rounded, in seconds. It must equal `bucketMaxSpanSeconds`. */
  readonly bucketRoundingSeconds?: number;
  /** After how many seconds documents are deleted. The default is never. */
  readonly expireAfterSeconds?: number;
  /** The collation. The default is simple comparison. */
  readonly collation?: Document;
}

const parts = [
  'timeField',
  'metaField',
  'granularity',
  'bucketMaxSpanSeconds',
  'bucketRoundingSeconds',
  'expireAfterSeconds',
  'collation',
];

/**
 * Creates a time series. With a metaField, the server itself creates an index on the metaField and the timeField. A time series accepts
 * neither a validator nor reference documents, and cannot be renamed. MongoDB allows hardly any updates of its documents. Use
 * `changeCollection` to change its options.
 * @category Collections
 * @example
 * createTimeSeries('readings', { timeField: 'at', metaField: 'sensor', granularity: 'minutes' }),
 * @down Drops the time series. If it holds documents, this is refused, unless `--allow-data-loss` names the migration.
 * @cost Blocks nothing.
 * @throws error with code `MIGRATION` for options that MongoDB would refuse.
 * @see https://www.mongodb.com/docs/v7.0/core/timeseries-collections/
 */
export function createTimeSeries(name: string, definition: TimeSeriesDefinition): SchemaStep {
  const verb = 'createTimeSeries';
  checkObject(verb, 'second argument', definition, "an object: { timeField: 'at' }");
  checkNames(verb, definition, parts);
  const { expireAfterSeconds, collation, ...timeseries } = withoutUndefined(definition);
  const options = { timeseries, ...withoutUndefined({ expireAfterSeconds, collation }) };
  return { describe: [`create the time series \`${name}\``], changes: [collectionCreated(verb, name, options)] };
}
