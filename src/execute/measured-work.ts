import { sizeOf } from '../database';
import type { WorkKind } from '../history';
import type { StepUpdate } from '../migration/types';
import { defaultBatchSize } from './batches';
import type { Session } from './session';
import { defaultBatchSizeOnce } from './update-once';

/** The minimum duration in milliseconds. Shorter work says nothing about the speed of the server. */
const telling = 50;
/** The minimum number of documents. With fewer documents, the command itself takes longer than the work. */
const tellingDocuments = 10_000;
/** The time limit for reading the size of a collection, in milliseconds. The migration waits while the size is read. */
const sizeLimit = 2_000;

/** An index build or a backfill that this run did completely. */
export interface DoneWork {
  readonly kind: WorkKind;
  readonly collection: string;
  readonly indexes?: number;
  readonly matched?: number;
  readonly milliseconds: number;
}

/** Reports the duration of work to the run, if the duration helps to forecast later work. Never throws. */
export async function tellWork({ db, onWork }: Session, work: DoneWork): Promise<void> {
  const { indexes = 0, matched = 0, ...done } = work;
  const isTelling = done.milliseconds >= telling && (indexes > 0 || matched >= tellingDocuments);
  if (!onWork || !isTelling) return;
  const size = await sizeOf(db, done.collection, sizeLimit).catch(() => undefined);
  if (!size || size.documents < tellingDocuments) return;
  onWork({ ...done, ...size, indexes, matched, milliseconds: Math.round(done.milliseconds) });
}

/** Returns the total pause between the batches of an update, in milliseconds. */
export function pausesIn({ once, batchSize, pause = 0 }: StepUpdate, documents: number): number {
  const size = batchSize ?? (once ? defaultBatchSizeOnce : defaultBatchSize);
  return Math.floor(documents / size) * pause;
}
