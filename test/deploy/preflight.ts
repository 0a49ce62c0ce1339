import type { Document } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeFinding, planOn } from '../../src/deploy';
import {
  addValidator,
  changeTtl,
  createCollections,
  createIndexes,
  dropCollection,
  insertDocuments,
  makeUnique,
  migration,
  type Step,
} from '../../src/migration';
import { type PreflightFinding } from '../../src/execute';
import { german } from '../support/collations';
import { countsOf, useManyPeople } from './many-people';

/** To be called in a file; the data are that many documents. */
export function testPreflight(howMany: number): void {
  const counts = countsOf(howMany);
  const { ageless, seenLongAgo } = counts;
  const database = useManyPeople(counts);
  const people = () => database.db.collection('people');

  /** What a look finds before each of these is done, migration by migration. */
  async function plan(...migrations: Step[][]) {
    const pending = migrations.map((steps, at) => migration(`2026010${at + 1}000000-test.ts`, ...steps));
    return (await planOn(database.db, pending, pending, { trial: { isReplicaSet: true, mayWrite: false } })).flatMap(
      ({ changes }) => changes,
    );
  }

  async function look(...steps: Step[]): Promise<PreflightFinding[]> {
    return (await plan(steps)).flatMap(({ findings }) => findings);
  }

  const index = (key: Record<string, 1>, options: Document = {}) =>
    createIndexes('people', [{ name: 'new', key, serves: 'a test', ...options }]);

  const dropIndex = async (name: string) => {
    await people().dropIndex(name);
  };
  const drop = async (collection: string) => {
    await database.db.collection(collection).drop();
  };
  const build = { place: 'index people.new', kind: 'index build', blocks: false, count: howMany, samples: [] };

  describe('An index build', () => {
    it('is told how many documents it scans, and needs no more to be told', async () => {
      const [finding, ...others] = await look(index({ number: 1 }));
      expect(finding).toMatchObject({ ...build, message: `the build scans ${howMany} documents` });
      expect(finding?.milliseconds).toBeLessThan(10_000);
      expect(others).toEqual([]);
    });

    it('in a collection that is not there yet, or empty, is told nothing', async () => {
      const onTeams = createIndexes('teams', [{ name: 'a', key: { a: 1 }, unique: true, serves: 'a test' }]);
      expect(await look(createCollections('teams'), onTeams)).toEqual([]);
      await database.db.createCollection('teams');
      onTestFinished(() => drop('teams'));
      expect(await look(onTeams)).toEqual([]);
    });
  });

  describe('Before an index becomes unique', () => {
    const partial = { partialFilterExpression: { active: true } };
    const cases: [string, Record<string, 1>, Document, number, string[]][] = [
      ['values that differ', { number: 1 }, {}, 0, []],
      ['equal values', { email: 1 }, {}, 2, ['7 and 8', `${howMany - 2} and ${howMany - 1}`]],
      ['equal values of several fields', { team: 1, seat: 1 }, {}, 1, [`0 and ${howMany - 2}`]],
      ['missing fields, which are all null', { nick: 1 }, {}, 2, ['1 and 3 and 5 and 7 and 9', '50 and 52']],
      ['missing fields, when it is sparse', { nick: 1 }, { sparse: true }, 1, ['50 and 52']],
      ['elements of arrays', { tags: 1 }, {}, 1, ['60 and 61']],
      ['what it leaves out', { code: 1 }, partial, 1, ['80 and 81']],
      ['what it takes in', { code: 1 }, {}, 2, ['80 and 81', '90 and 91']],
      ['another case', { name: 1 }, {}, 0, []],
      ['another case, by its collation', { name: 1 }, { collation: { ...german, strength: 2 } }, 1, ['70 and 71']],
    ];

    it.each(cases)(
      'the duplicates among %s are found, as the server would',
      async (_title, key, options, count, ids) => {
        const found = (await look(index(key, { ...options, unique: true }))).slice(1);
        const fields = Object.keys(key).join(', ');
        const message = `${count === 1 ? '1 value' : `${count} values`} of ${fields} ${count === 1 ? 'occurs' : 'occur'} more than once`;
        const wanted = { place: 'index people.new', kind: 'duplicates', blocks: true, count, message };
        expect(found).toMatchObject(count === 0 ? [] : [wanted]);
        expect(found[0]?.samples ?? []).toEqual(ids);
        const build = people().createIndex(key, { ...options, name: 'new', unique: true }, {});
        if (count > 0) await expect(build).rejects.toThrow(/E11000/);
        else await people().dropIndex(await build);
      },
    );

    it('they are found for makeUnique as well, by what the index is', async () => {
      await people().createIndex({ nick: 1 }, { sparse: true }, {});
      onTestFinished(() => dropIndex('nick_1'));
      const [finding, ...others] = await look(makeUnique('people', 'nick_1'));
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ kind: 'duplicates', blocks: true, count: 1, samples: ['50 and 52'] });
      expect(finding && describeFinding(finding)).toMatch(
        /nick_1.*: 1 value of nick occurs more than once \(for instance 50 and 52\)$/,
      );
    });

    it('they are found for an index that a migration before it will make', async () => {
      const plain = createIndexes('people', [{ name: 'email_1', key: { email: 1 }, serves: 'a test' }]);
      const changes = await plan([plain], [makeUnique('people', 'email_1')]);
      expect(changes).toMatchObject([
        { findings: [{ kind: 'index build' }] },
        { findings: [{ kind: 'duplicates', count: 2 }] },
      ]);
    });
  });

  describe('Before a validator', () => {
    const numbers = { age: { $type: 'number' } };

    it('the documents that it would refuse are counted, with some of them', async () => {
      const first = howMany - ageless;
      expect(await look(addValidator('people', numbers))).toMatchObject([
        {
          place: 'validator of people',
          kind: 'violators',
          blocks: true,
          count: ageless,
          samples: [0, 1, 2, 3, 4].map((at) => String(first + at)),
          message: `${ageless} documents would be refused by the validator`,
        },
      ]);
    });

    it('that lets those be which are there, or warns, or suits all, nothing is found', async () => {
      expect(await look(addValidator('people', numbers, { validationLevel: 'moderate' }))).toEqual([]);
      expect(await look(addValidator('people', numbers, { validationAction: 'warn' }))).toEqual([]);
      expect(await look(addValidator('people', { $jsonSchema: { required: ['number'] } }))).toEqual([]);
    });
  });

  describe('Before a TTL', () => {
    const week = 7 * 86_400;
    const expired = { kind: 'expired documents', blocks: true, count: seenLongAgo };

    it('the documents that it would delete at once are counted, and none that has no date', async () => {
      const message = `${seenLongAgo} documents are older than the TTL, and would be deleted within minutes`;
      expect(await look(index({ seen: 1 }, { expireAfterSeconds: week }))).toMatchObject([
        build,
        { ...expired, message },
      ]);
      expect(await look(index({ seen: 1 }, { expireAfterSeconds: 2 * week }))).toMatchObject([build]);
      expect(await look(index({ email: 1 }, { expireAfterSeconds: 0 }))).toMatchObject([build]);
    });

    it('those that its index leaves out are not counted', async () => {
      const few = { partialFilterExpression: { number: { $lt: 100 } } };
      expect(await look(index({ seen: 1 }, { expireAfterSeconds: week, ...few }))).toMatchObject([
        build,
        { ...expired, count: 100 },
      ]);
    });

    it('is shortened they are counted, and not before it is lengthened', async () => {
      await people().createIndex({ seen: 1 }, { expireAfterSeconds: 2 * week }, {});
      onTestFinished(() => dropIndex('seen_1'));
      expect(await look(changeTtl('people', 'seen_1', { from: 2 * week, to: week }))).toMatchObject([expired]);
      expect(await look(changeTtl('people', 'seen_1', { from: 2 * week, to: 2 * week + 1 }))).toEqual([]);
    });
  });

  describe('Before a collection is dropped', () => {
    const dropping = (collection: string, ...was: ReturnType<typeof createCollections>[]) =>
      dropCollection(collection, { reason: 'nobody reads it', was: [createCollections(collection), ...was] });

    it('its documents are counted', async () => {
      const message = `dropping it would delete ${howMany} documents`;
      expect(await look(dropping('people'))).toMatchObject([
        { kind: 'documents to lose', blocks: true, count: howMany, message },
      ]);
    });

    it('the rows that migrations made are no loss', async () => {
      const rows = [{ _id: 'one' }, { _id: 'two' }];
      await database.db.collection<{ _id: string }>('rows').insertMany(rows);
      onTestFinished(() => drop('rows'));
      expect(await look(dropping('rows', insertDocuments('rows', rows)))).toEqual([]);
      expect(await look(dropping('rows', insertDocuments('rows', rows.slice(1))))).toMatchObject([{ count: 1 }]);
    });

    it('to be made anew, what is in it tells nothing of the new one', async () => {
      const anew = [createCollections('people'), index({ email: 1 }, { unique: true })];
      const found = (await plan([dropping('people')], anew)).flatMap(({ findings }) => findings);
      expect(found).toMatchObject([{ kind: 'documents to lose' }]);
    });
  });
}
