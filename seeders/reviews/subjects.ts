import type { Platform } from '../../models';
import type { Random } from '../random';
import type { AspectName } from './aspects';

/** The subject of a project. */
export interface Subject {
  readonly name: string;
  readonly kind: Kind;
  /** The platforms on which people write about the subject. */
  readonly platforms: readonly Platform[];
  readonly aspects: readonly AspectName[];
}

type Kind = 'device' | 'shop' | 'app' | 'place' | 'game' | 'film';

interface Family extends Omit<Subject, 'name' | 'kind'> {
  readonly names: readonly string[];
}

const brands = ['Alder', 'Borealis', 'Corvina', 'Dunlin', 'Ember', 'Fjord', 'Garnet', 'Halcyon', 'Indigo', 'Juniper'];

const families: Readonly<Record<Kind, Family>> = {
  device: {
    names: ['headphones', 'phone', 'tablet', 'laptop', 'smartwatch', 'camera', 'speaker', 'vacuum cleaner'],
    platforms: ['amazon', 'reddit', 'trustpilot', 'youtube', 'web'],
    aspects: ['battery', 'screen', 'sound', 'quality', 'delivery', 'price', 'support', 'setup', 'design'],
  },
  shop: {
    names: ['book shop', 'garden store', 'shoe shop', 'bike shop', 'coffee club', 'furniture store'],
    platforms: ['trustpilot', 'google_maps', 'reddit', 'web'],
    aspects: ['delivery', 'price', 'support', 'quality', 'privacy', 'design'],
  },
  app: {
    names: ['notes app', 'banking app', 'fitness app', 'photo app', 'travel app', 'language app'],
    platforms: ['app_store', 'google_play', 'reddit', 'youtube'],
    aspects: ['design', 'updates', 'privacy', 'performance', 'price', 'support', 'setup', 'battery'],
  },
  place: {
    names: ['hotel', 'restaurant', 'café', 'hostel', 'bakery', 'spa'],
    platforms: ['google_maps', 'tripadvisor', 'yelp'],
    aspects: ['service', 'food', 'location', 'cleanliness', 'price', 'sound'],
  },
  game: {
    names: ['racing game', 'puzzle game', 'strategy game', 'adventure game'],
    platforms: ['steam', 'reddit', 'youtube'],
    aspects: ['story', 'graphics', 'performance', 'updates', 'price', 'sound'],
  },
  film: {
    names: ['thriller', 'comedy', 'documentary', 'mystery series'],
    platforms: ['imdb', 'reddit', 'youtube'],
    aspects: ['story', 'graphics', 'sound'],
  },
};

const kinds = Object.keys(families) as Kind[];

export function subjectFor(random: Random): Subject {
  const kind = random.pick(kinds);
  const { names, platforms, aspects } = families[kind];
  return { name: `${random.pick(brands)} ${random.pick(names)}`, kind, platforms, aspects };
}
