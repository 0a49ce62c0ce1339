import { days } from './facts/time';
import { userFacts } from './facts/user';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';

const providers = ['anthropic', 'apify', 'brightdata', 'cohere', 'google', 'groq', 'mistral', 'openai'] as const;
const keysPerUser = 2;

/** Keys for two providers per user. The keys are not valid. */
export const apiKeys: Seeder<'api_keys'> = {
  collection: 'api_keys',
  per: 'user',
  each: () => keysPerUser,
  make: (world, place) => {
    const random = new Random(world.seed, 'api_keys', place);
    const { id, createdAt } = userFacts(world, place.user);
    const provider = providers[(place.user + place.item * 3) % providers.length] ?? 'openai';
    const made = random.date(createdAt, createdAt.getTime() + days(60));
    const usage = random.whole(0, 5000);
    return {
      _id: idOf(world.seed, place),
      user_id: id,
      provider,
      label: `${provider} for ${random.pick(['production', 'tests', 'the team'])}`,
      encrypted_key: `v1.${random.hex(64)}`,
      key_hint: random.hex(8).slice(-4),
      is_active: place.item === 0,
      usage_count: usage,
      ...(usage > 0 && { last_used_at: random.date(world.now.getTime() - days(20), world.now) }),
      created_at: made,
    };
  },
};
