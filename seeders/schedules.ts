import { jobsPerProject, spanOfJob } from './facts/jobs';
import { projectFacts } from './facts/project';
import { idOf } from './ids';
import type { Seeder } from './seeder';

/** The single schedule of each project, which the scheduler uses. The schedule matches the project's settings. */
export const schedules: Seeder<'schedules'> = {
  collection: 'schedules',
  per: 'project',
  each: () => 1,
  make: (world, place) => {
    const { id, userId, createdAt, frequency, cron, nextRun } = projectFacts(world, place.user, place.project);
    const last = jobsPerProject(world.size) - 2;
    return {
      _id: idOf(world.seed, place),
      project_id: id,
      user_id: userId,
      enabled: nextRun !== undefined,
      frequency,
      ...(frequency === 'cron' && { cron }),
      timezone: 'Europe/Berlin',
      ...(nextRun && { next_run: nextRun }),
      ...(last >= 0 && {
        last_run: spanOfJob(world, { ...place, item: last }).from,
        last_job_id: idOf(world.seed, { ...place, item: last }),
      }),
      failures_in_a_row: 0,
      created_at: createdAt,
    };
  },
};
