import type { Context } from './context';
import { inWords } from './pace';
import { clearLine, columnsOf } from './terminal';

/** In milliseconds: what is over by then needs no line. */
const showAfter = 1_000;
const drawEvery = 250;
const usualColumns = 80;

/** Does something that prints nothing. On a terminal, a line on stderr tells meanwhile what is done and for how long; it goes at the end. */
export async function busy<T>(context: Context, what: string, work: () => Promise<T>): Promise<T> {
  const { stderr } = context.io;
  if (stderr.isTTY !== true) return work();
  const began = performance.now();
  let isDrawn = false;
  const draw = () => {
    const elapsed = performance.now() - began;
    if (elapsed < showAfter) return;
    const line = `${what}: ${inWords(elapsed / 1000)}`;
    // A line that fills the last column would wrap.
    stderr.write(clearLine + line.slice(0, (columnsOf(stderr, context.env) ?? usualColumns) - 1));
    isDrawn = true;
  };
  const hide = () => {
    if (isDrawn) stderr.write(clearLine);
    isDrawn = false;
  };
  const timer = setInterval(draw, drawEvery).unref();
  context.hideLine = hide;
  try {
    return await work();
  } finally {
    clearInterval(timer);
    hide();
    context.hideLine = () => undefined;
  }
}
