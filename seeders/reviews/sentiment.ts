import type { Random } from '../random';
import type { Result, SentimentLabel } from '../../models';

type Analysis = NonNullable<Result['analysis']>;

export interface Sentiment {
  readonly label: SentimentLabel;
  /** The score, from -1 (all negative) to 1 (all positive). */
  readonly score: number;
}

/** The range of scores for each label. The ranges of opposite labels do not overlap. */
export const scores: Readonly<Record<SentimentLabel, readonly [min: number, max: number]>> = {
  positive: [0.35, 0.98],
  neutral: [-0.15, 0.15],
  negative: [-0.98, -0.35],
  mixed: [-0.3, 0.3],
};

export function sentimentFor(random: Random): Sentiment {
  const share = random.share();
  const label = share < 0.5 ? 'positive' : share < 0.76 ? 'negative' : share < 0.9 ? 'neutral' : 'mixed';
  return { label, score: scoreFor(random, label) };
}

export function scoreFor(random: Random, label: SentimentLabel): number {
  return random.between(...scores[label]);
}

/** Returns a rating in stars, from one to five. */
export function ratingFor(random: Random, label: SentimentLabel): number {
  switch (label) {
    case 'positive':
      return random.whole(4, 5);
    case 'negative':
      return random.whole(1, 2);
    case 'neutral':
    case 'mixed':
      return 3;
  }
}

export function emotionsFor(random: Random, label: SentimentLabel): NonNullable<Analysis['emotions']> {
  const [faint, clear, strong] = [random.between(0, 0.08), random.between(0.2, 0.4), random.between(0.5, 0.9)];
  switch (label) {
    case 'positive':
      return { joy: strong, surprise: faint, sadness: 0, anger: 0 };
    case 'negative':
      return { joy: 0, sadness: clear, anger: strong, disgust: faint };
    case 'mixed':
      return { joy: clear, sadness: clear, anger: faint, surprise: clear };
    case 'neutral':
      return { joy: faint, sadness: faint, anger: 0, surprise: faint };
  }
}
