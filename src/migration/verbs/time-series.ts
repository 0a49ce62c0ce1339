import type { Document } from 'mongodb';
import type { SchemaStep } from '../types';
import { checkNames, checkObject, withoutUndefined } from './arguments';
import { collectionCreated } from './collections';

/** A time series, in MongoDB's own names. */
export interface TimeSeriesDefinition {
  /** The field that holds the date of each document. */
  readonly timeField: string;
  /** The field that tells one series from another, such as the sensor. It and the timeField can never be changed. */
  readonly metaField?: string;
  /** How often a series gets a document; `seconds` unless given. It can grow, and never go back. */
  readonly granularity?: 'seconds' | 'minutes' | 'hours';
  /** In place of a granularity: how many seconds a bucket spans at most. */
  readonly bucketMaxSpanSeconds?: number;
  /** How the start of a bucket is rounded: the same number as `bucketMaxSpanSeconds`. */
  readonly bucketRoundingSeconds?: number;
  /** After how many seconds documents are deleted; never unless given. */
  readonly expireAfterSeconds?: number;
  /** The simple one unless given. */
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
 * Creates a time series. With a metaField, the server makes an index on it and the timeField by itself. It takes no validator and
 * no reference documents, cannot be renamed, and its documents can hardly be updated. `changeCollection` changes it.
 * @category Collections
 * @example
 * createTimeSeries('readings', { timeField: 'at', metaField: 'sensor', granularity: 'minutes' }),
 * @down Drops it. One that holds documents is refused, unless the run may lose them by the migration's name.
 * @cost Nothing waits for it.
 * @throws error with code `MIGRATION` for options that MongoDB would refuse.
 * @see https://www.mongodb.com/docs/v7.0/core/timeseries-collections/
 */
export function createTimeSeries(name: string, definition: TimeSeriesDefinition): SchemaStep {
  const verb = 'createTimeSeries';
  checkObject(verb, 'second argument', definition, "an object: { timeField: 'at' }");
  checkNames(verb, definition, parts);
  const { expireAfterSeconds, collation, ...timeseries } = withoutUndefined(definition);
  const options = { timeseries, ...withoutUndefined({ expireAfterSeconds, collation }) };
  return { describe: [`create the time series ${name}`], changes: [collectionCreated(verb, name, options)] };
}
