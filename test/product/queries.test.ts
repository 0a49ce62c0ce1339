import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { queries } from '../../queries';
import { fill } from '../../seeders/run/fill';
import { startOfDay } from '../../seeders/world';
import { readIndexes } from '../../src/database';
import { explainQuery, placeText, withoutIndex, withoutQuery } from '../../src/indexes';
import { foldMigrations } from '../../src/migration';
import { entries, find, type Schema } from '../../src/schema';
import { plannedMigrations } from '../migrations/planned';
import { useDatabase } from '../support/database';
import { deployProduct, productMigrations } from '../support/product';
import { projectFolder } from '../support/project-folder';

const schema = foldMigrations(productMigrations());
const indexesOf = (of: Schema) => entries(of, 'index').map(({ place }) => place);

describe('The queries of the product', () => {
  it('have a name each, by which people ask for them', () => {
    const names = queries.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z]+(?:-[a-z]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('have an entry that docs/indexes.md shows as it is in queries.ts', async () => {
    const read = (name: string) => readFile(path.join(projectFolder, name), 'utf8');
    const [, shown = ''] = /^```ts\n([^]*?)^```$/m.exec(await read('docs/indexes.md')) ?? [];
    expect(shown).toContain("name: '");
    expect(await read('queries.ts')).toContain(shown.replaceAll(/^/gm, '  ').trimEnd());
  });

  it('have each an index that is there', () => {
    const gone = withoutIndex(queries, indexesOf(schema)).map(({ name, collection, index }) => {
      return `\`${name}\` in queries.ts names \`${collection}.${index}\`, which no longer exists: give it another index, or remove the query`;
    });
    expect(gone).toEqual([]);
  });

  // Later indexes may have none: `schema explain` lists these.
  it('are known for every index that the product was planned with', () => {
    const planned = indexesOf(foldMigrations(plannedMigrations()));
    const left = planned.filter((place) => find(schema, 'index', place) !== undefined);
    const unserved = withoutQuery(queries, left).map((place) => `add to queries.ts a query for ${placeText(place)}`);
    expect(unserved).toEqual([]);
  });
});

describe('On 20,000 results', () => {
  const database = useDatabase();
  const size = { users: 5, projects: 4, results: 1_000 };
  beforeAll(async () => {
    await deployProduct(database);
    await fill(database.db, { seed: 1, size, now: startOfDay(new Date()), passwordHash: 'a hash' }, {});
    expect(await database.db.collection('results').countDocuments()).toBe(20_000);
  });

  /** A hidden index serves nobody; its migration says why. */
  const shown = queries.filter(({ collection, index }) => !find(schema, 'index', { collection, name: index })?.hidden);
  /** At the start of a day, nothing of the seed is due or has expired. */
  const mayBeEmpty = /^(?:due|expired)-/;

  it.each(shown)('$name is answered by $collection.$index, and reads little more than it returns', async (query) => {
    const { db } = database;
    const { plan, problems } = await explainQuery(db, query, await readIndexes(db, query.collection));
    expect(problems).toEqual([]);
    expect(plan).toMatchObject({ indexes: [query.index], scans: false });
    const cost = plan?.cost;
    if (!cost) return expect.fail('it was not run');
    if (!mayBeEmpty.test(query.name)) expect(cost.returned).toBeGreaterThan(0);
    // What is ranked by relevance has to be read whole before the first one is known.
    const isRanked = '$text' in query.filter;
    const most = isRanked ? await db.collection(query.collection).countDocuments(query.filter) : cost.returned;
    expect(cost.docsExamined).toBeLessThanOrEqual(most);
    // One key more for each further range that it looks into.
    expect(cost.keysExamined).toBeLessThanOrEqual(most + 2);
    expect(plan.sorts).toBe(isRanked);
  });
});
