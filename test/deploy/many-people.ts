import { beforeAll } from 'vitest';
import type { Document } from 'mongodb';
import { useDatabase, type TestDatabase } from '../support/database';

const batch = 10_000;
const day = 86_400_000;

/** How many documents there are, and how many of them are of a kind. */
export interface Counts {
  readonly howMany: number;
  /** These were last seen ten days ago; the others a moment ago, at no date, or never. */
  readonly seenLongAgo: number;
  /** Those whose age is text: the last ones. */
  readonly ageless: number;
}

export function countsOf(howMany: number): Counts {
  return { howMany, seenLongAgo: howMany * 0.3, ageless: howMany * 0.01 };
}

/** What holds for exactly one document, or for few: everything that a preflight is there to find. */
const odd = ({ howMany }: Counts): Readonly<Record<number, Document>> => ({
  7: { email: 'user8@example.com' },
  [howMany - 2]: { email: `user${howMany - 1}@example.com`, seat: 0, team: 0 },
  50: { nick: 'nick52' },
  60: { tags: ['own', 'own', 'tag61'] },
  70: { name: 'NAME71' },
  80: { code: 81, active: true },
  81: { code: 81, active: true },
  90: { code: 91, active: false },
});

function person(n: number, now: number, { howMany, seenLongAgo, ageless }: Counts): Document {
  const isUndated = n >= howMany * 0.9;
  const isUnseen = n >= howMany * 0.95;
  return {
    _id: n,
    number: n,
    email: `user${n}@example.com`,
    team: n % 1000,
    seat: Math.floor(n / 1000),
    tags: [`tag${n}`, `second${n}`],
    name: `name${n}`,
    code: n,
    active: true,
    age: n < howMany - ageless ? n % 90 : 'unknown',
    ...(n % 2 === 0 && { nick: `nick${n}` }),
    ...(!isUnseen && { seen: isUndated ? 'yesterday' : new Date(now - (n < seenLongAgo ? 10 * day : 0)) }),
  };
}

/** A database whose collection `people` holds so many documents, the same for all tests of a file. */
export function useManyPeople(counts: Counts): TestDatabase {
  const database = useDatabase();
  beforeAll(async () => {
    const now = Date.now();
    for (let from = 0; from < counts.howMany; from += batch) {
      const numbers = Array.from({ length: Math.min(batch, counts.howMany - from) }, (_, at) => from + at);
      const people = numbers.map((n) => ({ ...person(n, now, counts), ...odd(counts)[n] }));
      await database.db.collection('people').insertMany(people, { ordered: false });
    }
  });
  return database;
}
