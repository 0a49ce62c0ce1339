import type { WebhookDelivery, WebhookEvent } from '../models';
import { days, hours } from './facts/time';
import { projectFacts } from './facts/project';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';
import type { Place, World } from './world';

const perWebhook = 6;
export const lastDelivery = perWebhook - 1;

/** Deliveries of the last five days, because the server removes deliveries after seven days. */
export const webhookDeliveries: Seeder<'webhook_deliveries'> = {
  collection: 'webhook_deliveries',
  per: 'project',
  each: () => perWebhook,
  make: (world, place) => {
    const random = new Random(world.seed, 'webhook_deliveries', place);
    const webhook = { ...place, item: 0 };
    const { id, userId } = projectFacts(world, place.user, place.project);
    const event = random.pick(eventsOf(world, webhook));
    const createdAt = deliveryTime(world, place);
    return {
      _id: idOf(world.seed, place),
      webhook_id: idOf(world.seed, webhook),
      user_id: userId,
      event,
      payload: { event, project_id: id, sent_at: createdAt },
      created_at: createdAt,
      ...outcome(world, random, createdAt),
    };
  },
};

/** Returns the events that a project's webhook is called for. */
export function eventsOf(world: World, { user, project }: Place): WebhookEvent[] {
  const random = new Random(world.seed, 'events of a webhook', { user, project, item: 0 });
  return random.some(['job.completed', 'job.failed', 'result.created', 'sentiment.dropped', 'target.failed'], 3);
}

/** Returns the time of a delivery. A delivery with a higher number (`item`) is later. */
export function deliveryTime(world: World, place: Place): Date {
  const random = new Random(world.seed, 'time of a delivery', place);
  const latest = world.now.getTime() - hours(1 + 19 * (lastDelivery - place.item));
  return random.date(latest - hours(18), latest);
}

type Outcome = Pick<
  WebhookDelivery,
  'status' | 'attempts' | 'response_code' | 'duration_ms' | 'error' | 'next_attempt_at' | 'delivered_at'
>;

function outcome({ now }: World, random: Random, createdAt: Date): Outcome {
  const share = random.share();
  const duration_ms = random.whole(40, 900);
  if (share < 0.75) {
    const delivered_at = new Date(createdAt.getTime() + duration_ms);
    return { status: 'delivered', attempts: 1, response_code: 200, duration_ms, delivered_at };
  }
  if (share < 0.85) {
    return { status: 'failed', attempts: 5, response_code: 500, duration_ms, error: 'It answered 500 five times.' };
  }
  const next_attempt_at = random.date(now.getTime() + days(1), now.getTime() + days(2));
  if (share < 0.95) {
    const error = 'It did not answer within 10 seconds.';
    return { status: 'retrying', attempts: random.whole(1, 4), error, next_attempt_at };
  }
  return { status: 'pending', attempts: 0, next_attempt_at };
}
