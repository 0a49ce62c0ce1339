import type { Db } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { locales } from '../../../src/schema/accepted/collations';
import { createCollections, createIndexes } from '../../../src/migration';
import { readIndexes, readSchema } from '../../../src/database';
import { useOwnServer } from '../../support/own-server';

/** Below the 64 indexes that a collection can have. */
const together = 60;

describe('A short collation is completed as the server completes it', () => {
  // Which locales a server knows by a short name depends on those that it was asked for before: `zh` after `zh_Hant`.
  const server = useOwnServer();
  let db: Db;
  beforeAll(async () => {
    ({ db } = server.freshDatabase());
    await db.createCollection('sorted');
  });

  it(`in an index, for each of the ${locales.size} locales`, async () => {
    const all = [...locales];
    for (let at = 0; at < all.length; at += together) {
      const some = all
        .slice(at, at + together)
        .map((locale) => ({ name: locale, key: { a: 1 as const }, collation: { locale } }));
      await db.command({ createIndexes: 'sorted', indexes: some });
      const { changes } = createIndexes(
        'sorted',
        some.map((one) => ({ ...one, serves: 'a test' })),
      );
      const meant = changes.map(({ place, to }) => ['name' in place ? place.name : '', to]);
      expect(await readIndexes(db, 'sorted')).toEqual(Object.fromEntries(meant));
      await db.command({ dropIndexes: 'sorted', index: '*' });
    }
  });

  it('in a collection, for each locale without a variant', async () => {
    const all = [...locales].filter((locale) => !locale.includes('@'));
    const definitions = all.map((locale) => ({ name: `in_${locale}`, collation: { locale } }));
    await Promise.all(definitions.map(({ name, collation }) => db.createCollection(name, { collation })));
    const { schema } = await readSchema(db, { collections: definitions.map(({ name }) => name) });
    const { changes } = createCollections(...definitions);
    for (const { place, to } of changes) expect(schema[place.collection]?.options).toEqual(to);
    expect(changes).toHaveLength(all.length);
  });

  it('where the server knows the locale, for all names of two letters', async () => {
    const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at));
    const two = letters.flatMap((one) => letters.map((other) => one + other));
    const wrong: string[] = [];
    for (let at = 0; at < two.length; at += 100) {
      await Promise.all(
        two.slice(at, at + 100).map(async (locale) => {
          const taken = await db.command({ find: 'sorted', limit: 1, collation: { locale } }).then(
            () => true,
            () => false,
          );
          if (taken !== locales.has(locale)) wrong.push(locale);
        }),
      );
    }
    expect(wrong).toEqual([]);
  });
});
