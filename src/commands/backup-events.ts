import type { BackupEvent } from '../operate/backup';
import { progress } from './output';
import { progressBar } from './progress-bar';

/** Tells people on stderr how a backup or a restore is going. */
export function backupReporter(): {
  readonly onEvent: (event: BackupEvent) => void;
  readonly stop: () => void;
} {
  const bar = progressBar();
  let what = '';
  return {
    stop: () => {
      bar.stop();
    },
    onEvent: (event) => {
      if (event.type !== 'progress' || event.what !== what) bar.stop();
      what = event.type === 'progress' ? event.what : '';
      switch (event.type) {
        case 'progress':
          bar.update(event);
          break;
        case 'waiting':
          progress(`waiting: the lease is held by ${event.holder}`);
          break;
        case 'warning':
          progress(`warning: ${event.message}`);
          break;
        case 'step':
          progress(event.message);
      }
    },
  };
}

/** `16.0 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
