import type { RunEvent, RunMigration, RunOptions } from '../deploy';
import { busy } from './busy';
import type { Context } from './context';
import { count, duration } from './output';
import { progressBar } from './progress-bar';
import { stoppableRun } from './signals';

interface Reported extends Pick<RunOptions, 'signal' | 'abandon'> {
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Runs work that signals can stop, and reports its progress: finished migrations on stdout, waiting on stderr. Ignores events after the end
 * of the run, since abandoned operations may still send some.
 */
export async function reported<T>(
  context: Context,
  options: { readonly json?: boolean },
  run: (reported: Reported) => Promise<T>,
): Promise<T> {
  const bar = progressBar(context);
  const tell = reporter(context, bar, options);
  let hasEnded = false;
  let hasBar = false;
  const onEvent = (event: RunEvent) => {
    if (hasEnded) return;
    hasBar = event.type === 'progress';
    tell(event);
  };
  try {
    const work = () => stoppableRun(context, (signals) => run({ ...signals, onEvent }));
    return await busy(context, 'at work', work, () => hasBar);
  } finally {
    hasEnded = true;
    bar.stop();
  }
}

function reporter(
  context: Context,
  bar: ReturnType<typeof progressBar>,
  { json = false }: { readonly json?: boolean },
) {
  return (event: RunEvent) => {
    if (event.type !== 'progress') bar.stop();
    switch (event.type) {
      case 'waiting':
        context.progress(`waiting: ${event.holder} holds the lease`);
        break;
      case 'retrying':
        context.progress(`trying again: ${event.reason}`);
        break;
      case 'slow':
        context.progress(`waiting: ${event.message}`);
        break;
      case 'warning':
        context.progress(`warning: ${event.message}`);
        break;
      case 'note':
        context.progress(`note: ${event.message}`);
        break;
      case 'progress':
        bar.update(event);
        break;
      case 'migration':
        if (!json) context.print(undefined, [describe(event.migration)], {});
    }
  };
}

function describe({ name, direction, isPlain, changes, data, milliseconds }: RunMigration): string {
  const kept = changes.filter(({ outcome }) => outcome === 'kept').length;
  const already = changes.filter(({ outcome }) => outcome === 'already').length;
  const updated = data.reduce((sum, step) => sum + step.updated, 0);
  const done = [
    ...(changes.length > 0 || data.length === 0 ? [count(changes.length - already - kept, 'change')] : []),
    ...(data.length > 0 ? [`${count(updated, 'document')} updated`] : []),
  ];
  const parts = [
    ...(isPlain ? ['plain'] : done),
    ...(already > 0 ? [`${already} already in the database`] : []),
    ...(kept > 0 ? [`${count(kept, 'edited document')} kept`] : []),
  ];
  return `${direction === 'up' ? 'applied' : 'rolled back'}  ${name}  ${parts.join(', ')}  ${duration(milliseconds)}`;
}
