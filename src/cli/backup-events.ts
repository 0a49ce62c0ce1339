import type { BackupEvent } from '../backup';
import type { Context } from './context';
import { progressBar } from './progress-bar';

/** Tells people on stderr how a backup or a restore is going. */
export function backupReporter(context: Context): {
  readonly onEvent: (event: BackupEvent) => void;
  readonly stop: () => void;
} {
  // What is counted stands in what each event is about.
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
          context.progress(`waiting: the lease is held by ${event.holder}`);
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
