import { days } from './facts/time';
import { userFacts } from './facts/user';
import { idOf } from './ids';
import { Random } from './random';
import type { Seeder } from './seeder';

const tiers = [
  { tier: 'economy', price_class: 'low', model: 'small' },
  { tier: 'balanced', price_class: 'medium', model: 'medium' },
  { tier: 'premium', price_class: 'high', model: 'large' },
] as const;

/** The presets of users. The migrations insert the system's presets. */
export const presets: Seeder<'presets'> = {
  collection: 'presets',
  per: 'user',
  each: () => 1,
  make: (world, place) => {
    const { id, createdAt } = userFacts(world, place.user);
    const random = new Random(world.seed, 'presets', place);
    const { tier, price_class, model } = random.pick(tiers);
    const purpose = random.pick(['Weekly digest', 'Launch watch', 'Quick look', 'Deep dive', 'Night run']);
    return {
      _id: idOf(world.seed, place),
      user_id: id,
      // All seeds share some users, so a user may have one preset from each seed. The names of these presets must differ.
      name: `${purpose} ${world.seed}`,
      description: `${purpose} on ${tier} models, as this team likes it.`,
      price_class,
      sources: random.some(['amazon', 'google_maps', 'reddit', 'steam', 'trustpilot', 'web', 'youtube'], 4),
      pace: { requests_per_minute: random.whole(1, 9) * 10, concurrency: random.whole(1, 8) },
      llm: { tier, provider: random.pick(['anthropic', 'mistral', 'openai']), model, temperature: 0.1 },
      analyses: { sentiment: true, emotions: true, topics: true, aspects: tier !== 'economy', summary: false },
      limits: { targets: 25, results_per_run: 5000, runs_per_day: random.whole(1, 6) },
      created_at: random.date(createdAt, createdAt.getTime() + days(20)),
    };
  },
};
