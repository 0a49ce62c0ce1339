import { oneLine } from '../support/printable';
import type { Context } from './context';
import { Pace, type Progress } from './pace';
import { clearLine, columnsOf } from './terminal';

export interface ProgressOptions {
  /** After how many milliseconds the bar appears. It does not appear if everything is done before that. */
  readonly after?: number;
  /** The unit that is counted. */
  readonly unit?: string;
}

/** In milliseconds: how often the line is redrawn on a terminal, and how often a new line is written elsewhere. */
const drawEvery = 250;
const writeEvery = 10_000;
/** In milliseconds. Without a terminal, work that takes less time writes no line. */
const writeAfter = 1_000;
const usualColumns = 80;

/**
 * Shows progress on stderr, with the rate and the time left. On a terminal, it redraws one line, which fits the width. Elsewhere, it writes
 * a line after one second, and then every 10 s.
 */
export function progressBar(
  { io, env = {} }: Pick<Context, 'io'> & Partial<Pick<Context, 'env'>>,
  { after = 0, unit = 'documents' }: ProgressOptions = {},
): {
  update(progress: Progress): void;
  stop(): void;
} {
  const { stderr } = io;
  let shown: Shown | undefined;
  const start = (): Shown => {
    const pace = new Pace();
    const isTerminal = stderr.isTTY === true;
    let isDrawn = false;
    const beginsAt = performance.now() + after;
    const show = () => {
      if (performance.now() < beginsAt || (!isDrawn && after > 0 && pace.isDone)) return;
      isDrawn = true;
      if (!isTerminal) stderr.write(`${pace.line(unit)}\n`);
      // A line that fills the last column would wrap.
      else stderr.write(`${clearLine}${pace.line(unit, (columnsOf(stderr, env) ?? usualColumns) - 1)}`);
    };
    let timer = setTimeout(
      function again() {
        show();
        timer = setTimeout(again, isTerminal ? drawEvery : writeEvery).unref();
      },
      isTerminal ? drawEvery : Math.max(writeAfter, after),
    ).unref();
    return {
      pace,
      show: () => {
        if (isTerminal && !isDrawn) show();
      },
      stop: () => {
        clearTimeout(timer);
        // The last known state stays visible, if any was shown.
        if (!isDrawn) return;
        show();
        if (isTerminal) stderr.write('\n');
      },
    };
  };
  return {
    update: ({ what, done, total, unit }) => {
      shown ??= start();
      shown.pace.update({ what: oneLine(what), done, total, unit });
      shown.show();
    },
    stop: () => {
      shown?.stop();
      shown = undefined;
    },
  };
}

interface Shown {
  readonly pace: Pace;
  readonly show: () => void;
  readonly stop: () => void;
}
