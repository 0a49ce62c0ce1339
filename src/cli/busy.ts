import type { Context } from './context';
import { inWords } from './pace';
import { clearLine, columnsOf } from './terminal';

/** In milliseconds. Work that takes less time shows no line. */
const showAfter = 1_000;
const drawEvery = 250;
const usualColumns = 80;

/**
 * Runs work that may take long without printing anything. On a terminal, a line on stderr shows what is running and for how long. The line
 * is removed when the work ends, and before any other line is printed. Nested work shows no line.
 * @param isTold returns whether something else shows the progress at the moment, such as a progress bar on the same line
 */
export async function busy<T>(
  context: Context,
  what: string,
  work: () => Promise<T>,
  isTold: () => boolean = () => false,
): Promise<T> {
  const { stderr } = context.io;
  if (stderr.isTTY !== true || context.isBusy) return work();
  const began = performance.now();
  let isDrawn = false;
  const draw = () => {
    const elapsed = performance.now() - began;
    if (elapsed < showAfter) return;
    if (isTold()) {
      isDrawn = false;
      return;
    }
    const line = `${what}: ${inWords(elapsed / 1000)}`;
    // A line that fills the last column would wrap.
    stderr.write(clearLine + line.slice(0, (columnsOf(stderr, context.env) ?? usualColumns) - 1));
    isDrawn = true;
  };
  const hide = () => {
    if (isDrawn && !isTold()) stderr.write(clearLine);
    isDrawn = false;
  };
  const timer = setInterval(draw, drawEvery).unref();
  context.hideLine = hide;
  context.isBusy = true;
  try {
    return await work();
  } finally {
    clearInterval(timer);
    hide();
    context.hideLine = () => undefined;
    context.isBusy = false;
  }
}
