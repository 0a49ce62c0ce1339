import type { ScrapeJob } from '../models';
import { jobsPerProject, resultsOfJob, spanOfJob } from './facts/jobs';
import { minutes } from './facts/time';
import { projectFacts, targetsPerProject } from './facts/project';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';
import type { World } from './world';

/** The jobs that found the results. The last job of a project failed, was cancelled, or is still running. */
export const scrapeJobs: Seeder<'scrape_jobs'> = {
  collection: 'scrape_jobs',
  per: 'project',
  each: jobsPerProject,
  make: (world, place) => {
    const random = new Random(world.seed, 'scrape_jobs', place);
    const { id, userId } = projectFacts(world, place.user, place.project);
    const { from, to } = spanOfJob(world, place);
    const [first, end] = resultsOfJob(world, place.item);
    const isLast = place.item === jobsPerProject(world.size) - 1;
    return {
      _id: idOf(world.seed, place),
      project_id: id,
      user_id: userId,
      target_ids: Array.from({ length: targetsPerProject }, (_, item) => idOf(world.seed, { ...place, item })),
      trigger: random.pick(['schedule', 'schedule', 'manual', 'api']),
      results_count: end - first,
      ...(isLast ? unfinished(world, random, from) : completed(from, to)),
    };
  },
};

type Course = Pick<ScrapeJob, 'status' | 'progress' | 'error' | 'started_at' | 'finished_at' | 'created_at'>;

function completed(from: Date, to: Date): Course {
  const progress = { total: targetsPerProject, done: targetsPerProject, failed: 0 };
  return { status: 'completed', progress, created_at: from, started_at: from, finished_at: to };
}

function unfinished({ now }: World, random: Random, from: Date): Course {
  const status = random.pick(['failed', 'cancelled', 'queued', 'running'] as const);
  const progress = { total: targetsPerProject, done: 0, failed: 0 };
  const soon = new Date(from.getTime() + minutes(1));
  const lately = new Date(now.getTime() - minutes(random.whole(10, 50)));
  switch (status) {
    case 'failed': {
      const error = { code: 'TARGET_UNREACHABLE', message: 'No target answered within 30 seconds.' };
      const all = { ...progress, failed: targetsPerProject };
      return { status, progress: all, error, created_at: from, started_at: from, finished_at: soon };
    }
    case 'cancelled':
      return { status, progress, created_at: from, started_at: from, finished_at: soon };
    case 'queued':
      return { status, progress, created_at: lately };
    case 'running':
      return { status, progress, created_at: lately, started_at: new Date(lately.getTime() + minutes(1)) };
  }
}
