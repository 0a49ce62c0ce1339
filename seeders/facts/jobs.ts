import { Random } from '../random';
import type { Place, Size, World } from '../world';
import { projectFacts } from './project';
import { hours, minutes } from './time';

// Jobs are spread evenly over the life of a project. Each job except the last one found an equal share of the results, and a later
// job found later results. The last job shows other outcomes: failed, cancelled or still running.

/** Returns the number of jobs of a project. */
export function jobsPerProject({ results }: Pick<Size, 'results'>): number {
  return results === 0 ? 0 : Math.min(60, Math.max(4, Math.ceil(results / 100)));
}

/** Returns when a job began and ended. */
export function spanOfJob(world: World, { user, project, item }: Place): { readonly from: Date; readonly to: Date } {
  const random = new Random(world.seed, 'span of a job', { user, project, item });
  const { createdAt } = projectFacts(world, user, project);
  const first = createdAt.getTime() + hours(1);
  const slot = (world.now.getTime() - hours(2) - first) / jobsPerProject(world.size);
  const from = Math.floor(first + slot * (item + random.share() / 2));
  return { from: new Date(from), to: new Date(from + minutes(random.whole(2, 20)) + random.whole(0, 59_999)) };
}

/** Returns the range of the results that a job found. The end of the range is exclusive. */
export function resultsOfJob({ size }: World, item: number): readonly [number, number] {
  const finders = jobsPerProject(size) - 1;
  if (item >= finders) return [size.results, size.results];
  return [Math.ceil((item * size.results) / finders), Math.ceil(((item + 1) * size.results) / finders)];
}

export function jobOfResult({ size }: World, item: number): number {
  return Math.floor((item * (jobsPerProject(size) - 1)) / size.results);
}

/** Returns when a result was found. Within a job, a result with a higher number (`item`) was found later. */
export function foundAt(world: World, { user, project, item }: Place): Date {
  const job = jobOfResult(world, item);
  const [first, end] = resultsOfJob(world, job);
  const { from, to } = spanOf(world, user, project, job);
  return new Date(
    from.getTime() + Math.floor(((to.getTime() - from.getTime()) * (item - first + 0.5)) / (end - first)),
  );
}

let last: { world: World; user: number; project: number; job: number; span: ReturnType<typeof spanOfJob> } | undefined;

function spanOf(world: World, user: number, project: number, job: number): ReturnType<typeof spanOfJob> {
  if (last?.world !== world || last.user !== user || last.project !== project || last.job !== job) {
    last = { world, user, project, job, span: spanOfJob(world, { user, project, item: job }) };
  }
  return last.span;
}
