import type { BackupEvent } from '../backup';
import type { Context } from './context';
import { progressBar } from './progress-bar';

/** Reports the progress of a backup or a restore on stderr. */
export function backupReporter(context: Context): {
  readonly onEvent: (event: BackupEvent) => void;
  readonly stop: () => void;
} {
  // The unit is empty because each event names what it counts.
  const bar = progressBar(context, { unit: '' });
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
          context.progress(`waiting: ${event.holder} holds the lease`);
          break;
        case 'warning':
          context.progress(`warning: ${event.message}`);
          break;
        case 'step':
          context.progress(event.message);
      }
    },
  };
}
