import { isObject } from '../support/is-object';

/** The kinds of work that may take a long time. Each kind has its own rate. */
export const workKinds = ['index build', 'text index build', 'backfill', 'backfill once'] as const;
export type WorkKind = (typeof workKinds)[number];

/** A piece of long work, and how long it took on this server, for forecasts. Contains names, sizes and times, but no values. */
export interface RecordedWork {
  readonly kind: WorkKind;
  readonly collection: string;
  /** The number of documents in the whole collection, right after the work. */
  readonly documents: number;
  /** The size of these documents, uncompressed. */
  readonly bytes: number;
  /** How many indexes one scan built; 0 for a backfill. */
  readonly indexes: number;
  /** How many documents a backfill matched; 0 for an index build. */
  readonly matched: number;
  /** How long the work took, without the pauses that a backfill was configured to make. */
  readonly milliseconds: number;
}

/** Returns a stored piece of work; undefined for a value of another shape, which a later version or a person may have written. */
export function toRecordedWork(value: unknown): RecordedWork | undefined {
  if (!isObject(value)) return undefined;
  const { kind, collection, documents, bytes, indexes, matched, milliseconds } = value;
  const isKnown = workKinds.some((one) => one === kind) && typeof collection === 'string';
  const numbers = [documents, bytes, indexes, matched, milliseconds];
  const areSizes = numbers.every((number) => typeof number === 'number' && Number.isFinite(number) && number >= 0);
  return isKnown && areSizes ? (value as unknown as RecordedWork) : undefined;
}
