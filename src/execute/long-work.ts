import { describeBuild, readIndexBuilds, sizeOf } from '../database';
import type { WorkKind } from '../history';
import type { StepUpdate } from '../migration/types';
import { defaultBatchSize } from './batches';
import type { Session } from './session';
import { defaultBatchSizeOnce } from './update-once';

/** In milliseconds: what is over by then has no line, and tells nothing of how fast the server is. */
const showAfter = 1_000;
const lookEvery = 1_000;
const standsStillAfter = 20_000;
const telling = 50;
/** Of a smaller collection, the command itself takes longer than the work. */
export const tellingDocuments = 10_000;
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

/**
 * Tells the run, second by second, how far an index build of a collection has come. What the server does for one is no operation of the
 * user who asked for it, so a user who may not see those of others is told nothing but that.
 */
export async function withProgress<T>(
  session: Session,
  collection: string,
  build: (session: Session) => Promise<T>,
): Promise<T> {
  const { bookkeeping, onProgress, onNote, onSlow } = session;
  if (!bookkeeping || !onProgress) return build(session);
  let isOver = false;
  let last = '';
  let movedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const seen = await readIndexBuilds(bookkeeping).catch(() => ({ builds: [] }));
    if (isOver) return;
    if ('unknown' in seen) {
      onNote?.(`how far index builds have come is not known: ${seen.unknown}`);
      return;
    }
    for (const one of seen.builds) {
      if (one.collection !== collection) continue;
      onProgress(describeBuild(one), one.done, one.total, one.unit);
      const now = `${describeBuild(one)} ${one.done}`;
      if (now !== last) movedAt = performance.now();
      last = now;
    }
    again(lookEvery);
  };
  const again = (milliseconds: number) => {
    timer = setTimeout(() => void look(), milliseconds).unref();
  };
  again(showAfter);
  try {
    return await build({
      ...session,
      // One that goes on waits for nothing.
      onSlow: (message) => {
        if (performance.now() - movedAt > standsStillAfter) onSlow?.(message);
      },
    });
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}

/** How long an update of so many documents rests between its batches, in milliseconds. */
export function pausesIn({ once, batchSize, pause = 0 }: StepUpdate, documents: number): number {
  const size = batchSize ?? (once ? defaultBatchSizeOnce : defaultBatchSize);
  return Math.floor(documents / size) * pause;
}
