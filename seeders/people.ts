import { faker } from '@faker-js/faker/locale/en';
import type { Random } from './random';

// faker generates about ten thousand names per second. This is fast enough for users, but too slow for results, so the authors of results
// come from a list.

/** Returns a person's name: the same for the same numbers. */
export function nameFor(random: Random): string {
  faker.seed(random.next());
  return `${faker.person.firstName()} ${faker.person.lastName()}`;
}

export function companyFor(random: Random): string {
  faker.seed(random.next());
  return faker.company.name();
}

let authors: readonly string[] | undefined;

/** Returns the author of a review. */
export function authorFor(random: Random): string {
  authors ??= listAuthors();
  return random.pick(authors);
}

function listAuthors(): readonly string[] {
  faker.seed(1);
  return Array.from({ length: 400 }, () => faker.internet.username());
}

/** Returns an IP address from the blocks reserved for documentation, which nobody uses. */
export function addressFor(random: Random): string {
  return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.whole(1, 254)}`;
}

const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
] as const;

export function browserFor(random: Random): string {
  return random.pick(browsers);
}
