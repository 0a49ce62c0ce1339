import { SingleBar } from 'cli-progress';

export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/**
 * A bar on stderr with rate and time left: redrawn on a terminal, else a line every few seconds. It shows itself `after` so
 * many milliseconds, not at all when everything is done by then.
 */
export function progressBar({ after = 0 }: { after?: number } = {}): {
  update(progress: Progress): void;
  stop(): void;
} {
  let bar: SingleBar | undefined;
  let startedAt: number | undefined;
  return {
    update: ({ what, done, total }) => {
      startedAt ??= performance.now();
      if (!bar) {
        if (performance.now() - startedAt < after) return;
        bar = new SingleBar({
          format: '{what} [{bar}] {percentage}% | {value}/{total} | {rate}/s | {eta_formatted} left',
          stream: process.stderr,
          noTTYOutput: true,
          notTTYSchedule: 5_000,
          hideCursor: true,
        });
        bar.start(total, 0, { what, rate: 0 });
      }
      const seconds = (performance.now() - startedAt) / 1000;
      bar.update(done, { what, rate: Math.round(done / Math.max(seconds, 0.001)) });
    },
    stop: () => {
      bar?.stop();
      bar = undefined;
      startedAt = undefined;
    },
  };
}
