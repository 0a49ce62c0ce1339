import { isObject } from '../support/is-object';

/** The kinds of work that may take long. Each kind has its own rate. */
export const workKinds = ['index build', 'text index build', 'backfill', 'backfill once'] as const;
export type WorkKind = (typeof workKinds)[number];

/** What a piece of long work was, and how long it took here: forecasts go by it. Names, sizes and times, and no value. */
export interface RecordedWork {
  readonly kind: WorkKind;
  readonly collection: string;
  /** Of the whole collection, right after it. */
  readonly documents: number;
  /** The same, uncompressed. */
  readonly bytes: number;
  /** How many indexes one scan built; 0 for a backfill. */
  readonly indexes: number;
  /** How many documents a backfill matched; 0 for an index build. */
  readonly matched: number;
  /** Without the pauses that a backfill was told to make. */
  readonly milliseconds: number;
}

/** A stored work; undefined for another shape, which a later version or a person may have written. */
export function toRecordedWork(value: unknown): RecordedWork | undefined {
  if (!isObject(value)) return undefined;
  const { kind, collection, documents, bytes, indexes, matched, milliseconds } = value;
  const isKnown = workKinds.some((one) => one === kind) && typeof collection === 'string';
  const numbers = [documents, bytes, indexes, matched, milliseconds];
  const areSizes = numbers.every((number) => typeof number === 'number' && Number.isFinite(number) && number >= 0);
  return isKnown && areSizes ? (value as unknown as RecordedWork) : undefined;
}
