import { describeBuild, readIndexBuilds } from '../database';
import type { Session } from './session';

/** How long a build runs before its progress is shown, in milliseconds. A shorter build shows no progress. */
const showAfter = 1_000;
const lookEvery = 1_000;
/** A build that makes no progress for this long, in milliseconds, may be blocked, so `onSlow` is called. */
const standsStillAfter = 20_000;

/**
 * Runs an index build, and reports its progress to the run every second. The server builds an index in its own threads, which are not
 * operations of this user. So without the privilege `inprog`, the run only gets a note that the progress is not known.
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
      onNote?.(`the progress of index builds is unknown: ${seen.unknown}`);
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
      // A build that makes progress is not blocked, so it is not reported as slow.
      onSlow: (message) => {
        if (performance.now() - movedAt > standsStillAfter) onSlow?.(message);
      },
    });
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}
