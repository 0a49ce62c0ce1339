import type { SentimentLabel } from '../../models';
import type { Random } from '../random';
import { aspects, type Aspect, type Tone } from './aspects';
import type { Subject } from './subjects';

export interface Review {
  readonly title: string;
  readonly text: string;
  /** The topics of the review, the most important one first. */
  readonly aspects: readonly { readonly name: string; readonly label: Tone }[];
}

const openings = [
  'I have had the {} for {n} weeks now.',
  'We tried the {} {n} weeks ago.',
  'This was my first {}.',
  'A friend told me about the {}.',
  'I compared the {} with {n} others before.',
  'My second review of the {}, after {n} months.',
] as const;

const closings: Readonly<Record<SentimentLabel, readonly string[]>> = {
  positive: [
    'Highly recommended.',
    'I would choose it again without thinking twice.',
    'Five stars from a very happy customer.',
    'Thank you, this made my week.',
  ],
  negative: [
    'Stay away from it.',
    'I want my money back.',
    'Never again.',
    'One star is still too much for this disappointment.',
  ],
  neutral: [
    'That is all there is to say.',
    'I will see how it goes.',
    'It does what it says.',
    'Others may have other needs.',
  ],
  mixed: [
    'So there is a lot to love and a lot to fix.',
    'I am torn: great in one way, poor in another.',
    'Wait for a better version, then buy it.',
    'Two steps forward, one step back.',
  ],
};

/** Writes a review whose words match its label: the label determines the tone of each sentence. */
export function composeReview(random: Random, subject: Subject, label: SentimentLabel): Review {
  const chosen = random.some(subject.aspects, random.whole(2, 3)).map((name): Aspect => aspects[name]);
  if (random.chance(0.5)) chosen.reverse();
  const tones = chosen.map((_, at) => toneOf(label, at));
  const opening = random
    .pick(openings)
    .replace('{}', subject.name)
    .replace('{n}', String(random.whole(2, 11)));
  const sentences = chosen.map(({ sentences }, at) => random.pick(sentences[tones[at] ?? 'neutral']));
  return {
    title: titleOf(chosen, label),
    text: [opening, ...sentences, random.pick(closings[label])].join(' '),
    aspects: chosen.map(({ name }, at) => ({ name, label: tones[at] ?? 'neutral' })),
  };
}

/** A mixed review alternates between praise and criticism. */
function toneOf(label: SentimentLabel, at: number): Tone {
  if (label !== 'mixed') return label;
  return at % 2 === 0 ? 'positive' : 'negative';
}

function titleOf([first, second]: readonly Aspect[], label: SentimentLabel): string {
  if (!first || !second) throw new Error('a review talks about two things at least');
  if (label !== 'mixed') return first.titles[label];
  const [praise, blame] = [first.titles.positive, second.titles.negative];
  return `${praise}, but: ${blame.charAt(0).toLowerCase()}${blame.slice(1)}`;
}
