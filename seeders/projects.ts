import { jobsPerProject, spanOfJob } from './facts/jobs';
import { projectFacts, targetsPerProject } from './facts/project';
import { idOf } from './ids';
import { companyFor } from './people';
import { Random } from './random';
import { averageScore } from './results';
import type { Seeder } from './seeder';

/** A project follows the reviews of one product, place or work on some platforms. */
export const projects: Seeder<'projects'> = {
  collection: 'projects',
  per: 'project',
  each: () => 1,
  make: (world, place) => {
    const random = new Random(world.seed, 'projects', place);
    const { id, userId, subject, status, createdAt, platforms, frequency, cron, nextRun } = projectFacts(
      world,
      place.user,
      place.project,
    );
    const jobs = jobsPerProject(world.size);
    const average = averageScore(world, place);
    const lastRun = jobs === 0 ? undefined : spanOfJob(world, { ...place, item: jobs - 2 }).from;
    return {
      _id: id,
      user_id: userId,
      name: `${subject.name} at ${companyFor(random)}`,
      description: `What people say about the ${subject.name}.`,
      status,
      config: {
        // The preset that belongs to the user.
        preset_id: idOf(world.seed, { user: place.user, project: 0, item: 0 }),
        sources: [...new Set(platforms)],
        schedule: {
          enabled: nextRun !== undefined,
          frequency,
          ...(frequency === 'cron' && { cron }),
          ...(nextRun && { next_run_at: nextRun }),
        },
        analyses: { sentiment: true, emotions: true, topics: true, aspects: true, summary: false },
      },
      stats: {
        targets: targetsPerProject,
        results: world.size.results,
        jobs,
        ...(average !== undefined && { average_sentiment: average }),
        ...(lastRun && { last_run_at: lastRun }),
      },
      created_at: createdAt,
      ...(lastRun && { updated_at: lastRun }),
    };
  },
};
