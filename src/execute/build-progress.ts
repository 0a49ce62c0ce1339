import { describeBuild, readIndexBuilds } from '../database';
import type { Session } from './session';

/** In milliseconds: a build that is over by then has no line. */
const showAfter = 1_000;
const lookEvery = 1_000;
const standsStillAfter = 20_000;

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
