import { days } from './facts/time';
import { foundAt, jobOfResult } from './facts/jobs';
import { projectFacts, targetsPerProject } from './facts/project';
import { idOf } from './ids';
import { authorFor } from './people';
import { Random } from './random';
import { composeReview } from './reviews/compose';
import { emotionsFor, ratingFor, scoreFor, sentimentFor, type Sentiment } from './reviews/sentiment';
import type { Seeder } from './seeder';
import type { Place, World } from './world';

/** Platforms on which reviews have no stars. */
const withoutRating: ReadonlySet<string> = new Set(['reddit', 'youtube', 'web']);

/** The reviews that the jobs of a project found on its targets. Nearly all are analysed. */
export const results: Seeder<'results'> = {
  collection: 'results',
  per: 'project',
  each: ({ results: each }) => each,
  make: (world, place) => {
    const { id, userId, subject, platforms } = projectFacts(world, place.user, place.project);
    const { sentiment, isAnalysed, random } = verdictOn(world, place);
    const target = place.item % targetsPerProject;
    const platform = platforms[target] ?? 'web';
    const review = composeReview(random, subject, sentiment.label);
    const found = foundAt(world, place);
    const external = random.hex(8);
    return {
      _id: idOf(world.seed, place),
      project_id: id,
      target_id: idOf(world.seed, { ...place, item: target }),
      user_id: userId,
      scrape_job_id: idOf(world.seed, { ...place, item: jobOfResult(world, place.item) }),
      platform,
      content: {
        text: review.text,
        title: review.title,
        author: authorFor(random),
        date: random.date(found.getTime() - days(60), found),
        ...(!withoutRating.has(platform) && { rating: ratingFor(random, sentiment.label) }),
        likes: Math.floor(random.share() ** 4 * 200),
        url: `https://${platform.replace('_', '-')}.example/reviews/${external}`,
        external_id: external,
        language_code: 'en',
      },
      ...(isAnalysed && {
        analysis: {
          sentiment: { ...sentiment, confidence: random.between(0.7, 0.99) },
          emotions: emotionsFor(random, sentiment.label),
          topics: review.aspects.map(({ name }) => name),
          aspects: review.aspects.map(({ name, label }) => ({ name, label, score: scoreFor(random, label) })),
          model: 'sentiment-base-1',
          analyzed_at: new Date(found.getTime() + random.whole(1_000, 300_000)),
        },
      }),
      created_at: found,
    };
  },
};

/** Returns the sentiment of a result, which is decided before all other fields of the result. */
function verdictOn(world: World, place: Place): { sentiment: Sentiment; isAnalysed: boolean; random: Random } {
  const random = new Random(world.seed, 'results', place);
  return { sentiment: sentimentFor(random), isAnalysed: random.chance(0.97), random };
}

/** Returns the mean score of a project's analysed results, with two decimals; undefined when no result is analysed. */
export function averageScore(world: World, place: Place): number | undefined {
  let sum = 0;
  let count = 0;
  for (let item = 0; item < world.size.results; item++) {
    const { sentiment, isAnalysed } = verdictOn(world, { ...place, item });
    if (!isAnalysed) continue;
    sum += sentiment.score;
    count++;
  }
  return count === 0 ? undefined : Math.round((sum / count) * 100) / 100;
}
