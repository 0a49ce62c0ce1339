import { hours, minutes } from './facts/time';
import { jobsPerProject, spanOfJob } from './facts/jobs';
import { projectFacts, targetsPerProject } from './facts/project';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';

/** Pages that a project follows. The hosts in their URLs end in .example, so these hosts do not exist. */
export const targets: Seeder<'targets'> = {
  collection: 'targets',
  per: 'project',
  each: () => targetsPerProject,
  make: (world, place) => {
    const random = new Random(world.seed, 'targets', place);
    const { id, userId, subject, createdAt, platforms } = projectFacts(world, place.user, place.project);
    const platform = platforms[place.item] ?? 'web';
    const { results } = world.size;
    const jobs = jobsPerProject(world.size);
    const scrapedAt = jobs === 0 ? undefined : spanOfJob(world, { ...place, item: jobs - 2 }).to;
    const hasFailed = scrapedAt !== undefined && random.chance(0.1);
    return {
      _id: idOf(world.seed, place),
      project_id: id,
      user_id: userId,
      url: `https://${platform.replace('_', '-')}.example/${subject.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}/${random.hex(8)}`,
      platform,
      status: scrapedAt === undefined ? 'pending' : hasFailed ? 'failed' : 'active',
      name: `${subject.name} (${platform.replace('_', ' ')})`,
      results_count: Math.max(0, Math.ceil((results - place.item) / targetsPerProject)),
      ...(scrapedAt && { last_scraped_at: scrapedAt }),
      ...(hasFailed && {
        last_error: { message: 'The page answered 403.', at: new Date(scrapedAt.getTime() + hours(1)) },
      }),
      created_at: new Date(createdAt.getTime() + minutes(5 * (place.item + 1))),
    };
  },
};
