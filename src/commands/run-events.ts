import type { RunEvent, RunMigration } from '../deploy';
import { count, duration, print, progress } from './output';
import { progressBar } from './progress-bar';

/** Tells people how a run is going: what is done on stdout, what it waits for on stderr. */
export function reporter({ json = false }: { json?: boolean }): (event: RunEvent) => void {
  const bar = progressBar();
  return (event) => {
    if (event.type !== 'progress') bar.stop();
    switch (event.type) {
      case 'waiting':
        progress(`waiting: the lease is held by ${event.holder}`);
        break;
      case 'retrying':
        progress(`trying again: ${event.reason}`);
        break;
      case 'slow':
        progress(`waiting: ${event.message}`);
        break;
      case 'warning':
        progress(`warning: ${event.message}`);
        break;
      case 'progress':
        bar.update(event);
        break;
      case 'migration':
        if (!json) print(undefined, [describe(event.migration)], {});
    }
  };
}

function describe({ name, direction, changes, milliseconds }: RunMigration): string {
  const kept = changes.filter(({ outcome }) => outcome === 'kept').length;
  const already = changes.filter(({ outcome }) => outcome === 'already').length;
  const parts = [
    count(changes.length - already - kept, 'change'),
    ...(already > 0 ? [`${already} held already`] : []),
    ...(kept > 0 ? [`${count(kept, 'edited row')} kept`] : []),
  ];
  return `${direction === 'up' ? 'applied' : 'rolled back'}  ${name}  ${parts.join(', ')}  ${duration(milliseconds)}`;
}
