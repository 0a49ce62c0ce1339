import type { ObjectId } from 'mongodb';
import type { Frequency, Platform, Project } from '../../models';
import { idOf } from '../ids';
import { Random } from '../random';
import { subjectFor, type Subject } from '../reviews/subjects';
import type { World } from '../world';
import { remember } from './remember';
import { days, hours } from './time';
import { userFacts } from './user';

/** Facts that all documents of a project share. */
export interface ProjectFacts {
  readonly id: ObjectId;
  readonly userId: ObjectId;
  readonly subject: Subject;
  readonly status: Project['status'];
  readonly createdAt: Date;
  /** The platform of each target, by the target's item. */
  readonly platforms: readonly Platform[];
  readonly frequency: Frequency;
  readonly cron: string;
  /** The time of the next run; undefined unless the project is active. */
  readonly nextRun: Date | undefined;
}

export const targetsPerProject = 3;

export const projectFacts = remember((world: World, user: number, project: number): ProjectFacts => {
  const place = { user, project, item: 0 };
  const random = new Random(world.seed, 'facts of a project', place);
  const subject = subjectFor(random);
  const now = world.now.getTime();
  const status = world.size.results === 0 ? 'draft' : project === 0 ? 'active' : statusOf(random);
  const createdAt = random.date(now - days(250), now - days(60));
  const nextRun = random.date(now + days(1), now + days(2));
  return {
    id: idOf(world.seed, place),
    userId: userFacts(world, user).id,
    subject,
    status,
    createdAt,
    platforms: Array.from({ length: targetsPerProject }, () => random.pick(subject.platforms)),
    frequency: random.pick(['hourly', 'daily', 'daily', 'weekly', 'monthly', 'cron']),
    cron: `${random.whole(0, 59)} ${random.whole(0, 23)} * * ${random.pick(['*', '1-5', '1', '6,0'])}`,
    nextRun: status === 'active' ? new Date(nextRun.getTime() - (nextRun.getTime() % hours(1))) : undefined,
  };
});

function statusOf(random: Random): Project['status'] {
  const share = random.share();
  if (share < 0.75) return 'active';
  return share < 0.9 ? 'paused' : 'archived';
}
