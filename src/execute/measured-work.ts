import { sizeOf } from '../database';
import type { WorkKind } from '../history';
import type { StepUpdate } from '../migration/types';
import { defaultBatchSize } from './batches';
import type { Session } from './session';
import { defaultBatchSizeOnce } from './update-once';

/** In milliseconds: what is over by then tells nothing of how fast the server is. */
const telling = 50;
/** Of a smaller collection, the command itself takes longer than the work. */
const tellingDocuments = 10_000;
/** How long the look at its size may take, in milliseconds: the migration waits for it. */
const sizeLimit = 2_000;

/** Work that was done from its beginning to its end. */
export interface DoneWork {
  readonly kind: WorkKind;
  readonly collection: string;
  readonly indexes?: number;
  readonly matched?: number;
  readonly milliseconds: number;
}

/** Tells the run what a piece of work took, where that says something about later ones. It never fails. */
export async function tellWork({ db, onWork }: Session, work: DoneWork): Promise<void> {
  const { indexes = 0, matched = 0, ...done } = work;
  const isTelling = done.milliseconds >= telling && (indexes > 0 || matched >= tellingDocuments);
  if (!onWork || !isTelling) return;
  const size = await sizeOf(db, done.collection, sizeLimit).catch(() => undefined);
  if (!size || size.documents < tellingDocuments) return;
  onWork({ ...done, ...size, indexes, matched, milliseconds: Math.round(done.milliseconds) });
}

/** How long an update of so many documents rests between its batches, in milliseconds. */
export function pausesIn({ once, batchSize, pause = 0 }: StepUpdate, documents: number): number {
  const size = batchSize ?? (once ? defaultBatchSizeOnce : defaultBatchSize);
  return Math.floor(documents / size) * pause;
}
