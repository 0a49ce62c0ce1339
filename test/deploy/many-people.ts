import { beforeAll } from 'vitest';
import type { Document } from 'mongodb';
import { useDatabase, type TestDatabase } from '../support/database';

export const howMany = 100_000;
const batch = 10_000;
const day = 86_400_000;

/** What holds for exactly one document, or for few: everything that a preflight is there to find. */
const odd: Readonly<Record<number, Document>> = {
  7: { email: 'user8@example.com' },
  99_998: { email: 'user99999@example.com', seat: 0, team: 0 },
  50: { nick: 'nick52' },
  60: { tags: ['own', 'own', 'tag61'] },
  70: { name: 'NAME71' },
  80: { code: 81, active: true },
  81: { code: 81, active: true },
  90: { code: 91, active: false },
};

/** Of the documents, these were last seen ten days ago; the others a moment ago, at no date, or never. */
export const seenLongAgo = 30_000;
/** The documents whose age is text. */
export const ageless = 1_234;

function person(n: number, now: number): Document {
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
    ...(n < 95_000 && { seen: n >= 90_000 ? 'yesterday' : new Date(now - (n < seenLongAgo ? 10 * day : 0)) }),
    ...odd[n],
  };
}

/** A database whose collection `people` holds 100,000 documents, the same for all tests of a file. */
export function useManyPeople(): TestDatabase {
  const database = useDatabase();
  beforeAll(async () => {
    const now = Date.now();
    for (let from = 0; from < howMany; from += batch) {
      const people = Array.from({ length: batch }, (_, at) => person(from + at, now));
      await database.db.collection('people').insertMany(people, { ordered: false });
    }
  });
  return database;
}
