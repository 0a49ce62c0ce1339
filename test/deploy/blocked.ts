import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-codes';
import { planOn, type RunEvent } from '../../src/deploy';
import { findMigrations, loadMigrations } from '../../src/project';
import { readSchema } from '../../src/database';
import { countsOf, useManyPeople } from './many-people';
import { code, emails, projects, rejection, useSmallHistory, users } from './small-history';
import { reportOf } from '../../src/support/schema-error';

/** To be called in a file; the data are that many documents. */
export function testBlocked(howMany: number): void {
  const counts = countsOf(howMany);
  const { ageless } = counts;
  const source = useManyPeople(counts);
  const history = useSmallHistory();

  /** Writes migrations, applies the first, and fills its collection. */
  async function populate(steps: Readonly<Record<string, string>>): Promise<void> {
    await history.write(users, code.collection('people'));
    // All of them are loaded by the first deploy, and once for all.
    for (const [name, text] of Object.entries(steps)) await history.write(name, text);
    await history.deploy({ to: users });
    const into = { db: history.name, coll: 'people' };
    await source.db
      .collection('people')
      .aggregate([{ $merge: { into, whenMatched: 'fail' } }])
      .toArray();
  }

  /** What a run must not touch when it stops before its first write. */
  async function state() {
    const { schema } = await readSchema(history.db);
    return { schema, recorded: await history.recorded(), told: await history.told() };
  }

  const numbers = "addValidator('people', { age: { $type: 'number' } })";
  const mend = (value: string) =>
    `backfill('people', { filter: { age: 'unknown' }, update: { $set: { age: ${value} } }, batchSize: 50_000 })`;

  describe('A finding that would make a migration fail stops a deploy before its first write', () => {
    it.each([
      ['duplicates', code.index('people', 'email', 'unique: true'), /index people\.email_1: 2 values of email/],
      [
        'violators',
        numbers,
        new RegExp(
          `validator of people: ${ageless} documents would be refused .*\\(for instance ${howMany - ageless}; ${howMany - ageless + 1}; `,
        ),
      ],
      [
        'documents to lose',
        "dropCollection('people', { reason: 'nobody reads it', was: [createCollections('people')] })",
        new RegExp(`people: dropping it would delete ${howMany} documents`),
      ],
    ])('%s', async (_title, steps, finding) => {
      await populate({ [emails]: code.collection('teams'), [projects]: steps });
      const before = await state();
      const events: RunEvent[] = [];
      const error = await rejection(history.deploy({ onEvent: (event) => events.push(event) }));
      expect(error).toMatchObject({ code: 'PREFLIGHT', message: expect.stringMatching(finding) as string });
      expect(error.message).toContain(`nothing was changed (PREFLIGHT)\n  why    ${projects}: `);
      expect(exitCodeOf(error)).toBe(1);
      expect(await state()).toEqual(before);
      expect(events).toEqual([]);
      expect(await history.db.collection('people').countDocuments()).toBe(howMany);
    });

    it('and names every such finding at once', async () => {
      await populate({ [emails]: code.index('people', 'email', 'unique: true'), [projects]: numbers });
      const { why } = reportOf(await rejection(history.deploy()));
      expect(why).toEqual([
        expect.stringContaining(`${emails}: index people.email_1`),
        expect.stringContaining(`${projects}: validator of people`),
      ]);
    });

    it('unless the documents may be lost, by the name of the migration', async () => {
      await populate({ [emails]: "dropCollection('people', { reason: 'old', was: [createCollections('people')] })" });
      expect((await rejection(history.deploy({ allowDataLoss: [projects] }))).code).toBe('PREFLIGHT');
      expect(await history.deploy({ allowDataLoss: ['emails'] })).toMatchObject({ left: [], drift: [] });
      expect(await history.db.listCollections({ name: 'people' }).toArray()).toEqual([]);
    });
  });

  describe('Where an earlier pending migration writes to the collection, the data is looked at after it', () => {
    it('and the deploy passes when it has mended the data', async () => {
      await populate({ [emails]: mend('0'), [projects]: numbers });
      const { applied } = await history.deploy();
      expect(applied.map(({ name }) => name)).toEqual([emails, projects]);
      expect((await readSchema(history.db)).schema['people']?.validator).toBeDefined();
    });

    it.each([
      ['a backfill', mend("'still unknown'")],
      [
        'a step that does not tell what it writes',
        "run('mend', { isDone: () => Promise.resolve(true), run: () => Promise.resolve(), undo: 'nothing to undo' })",
      ],
    ])('and the deploy stops there when %s has not', async (_title, step) => {
      const last = '20260104000000-last.ts';
      await populate({ [emails]: step, [projects]: numbers, [last]: code.collection('teams') });
      const error = await rejection(history.deploy());
      expect(error).toMatchObject({ code: 'PREFLIGHT', left: [projects, last] });
      expect(error.message).toContain(`${projects}: validator of people: ${ageless} documents would be refused`);
      expect(await history.recorded()).toEqual([users, emails]);
      expect((await readSchema(history.db)).schema['people']?.validator).toBeUndefined();
      expect((await history.told()).at(-1)).toBe(`finished up ${emails}`);
    });
  });

  describe('A look that takes too long', () => {
    it('is told as not determined, and does not keep the deploy from trying', async () => {
      await populate({ [emails]: code.index('people', 'number', 'unique: true') });
      const migrations = loadMigrations(findMigrations(history.folder));
      const pending = migrations.filter(({ name }) => name === emails);
      const [planned] = await planOn(history.db, migrations, pending, {
        maxTimeMS: 1,
        trial: { isReplicaSet: true, mayWrite: false },
      });
      const duplicates = planned?.changes[0]?.findings.find(({ kind }) => kind === 'duplicates');
      const message = 'not determined: the query took longer than 0.001 s';
      expect(duplicates).toMatchObject({ blocks: false, samples: [], message });
      expect(duplicates).not.toHaveProperty('count');

      const events: RunEvent[] = [];
      const report = await history.deploy({ lookLimit: 1, onEvent: (event) => events.push(event) });
      expect(report.applied).toMatchObject([{ name: emails }, { name: projects }]);
      expect(events.find(({ type }) => type === 'warning')).toEqual({
        type: 'warning',
        message: `${emails}: index people.number_1: ${message}`,
      });
    });

    it('leaves it to the change itself to find out', async () => {
      await populate({ [emails]: code.index('people', 'email', 'unique: true') });
      const error = await rejection(history.deploy({ lookLimit: 1 }));
      expect(error.message).toContain('E11000');
      expect(error.left).toEqual([emails, projects]);
    });
  });
}
