import { days } from './facts/time';
import { projectFacts } from './facts/project';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';
import { deliveryTime, eventsOf, lastDelivery } from './webhook-deliveries';

/**
 * One webhook for each project. The webhook of a user's first project is called for all projects of the user. The host in their URLs does
 * not exist.
 */
export const webhooks: Seeder<'webhooks'> = {
  collection: 'webhooks',
  per: 'project',
  each: () => 1,
  make: (world, place) => {
    const random = new Random(world.seed, 'webhooks', place);
    const { id, userId, subject, status, createdAt } = projectFacts(world, place.user, place.project);
    return {
      _id: idOf(world.seed, place),
      user_id: userId,
      ...(place.project > 0 && { project_id: id }),
      name: place.project > 0 ? `Chat channel of the ${subject.name}` : 'Chat channel of the team',
      url: `https://hooks.example/${random.hex(16)}`,
      events: eventsOf(world, place),
      enabled: status !== 'archived',
      secret: `whsec_${random.hex(32)}`,
      failures_in_a_row: 0,
      last_triggered_at: deliveryTime(world, { ...place, item: lastDelivery }),
      created_at: random.date(createdAt, createdAt.getTime() + days(20)),
    };
  },
};
