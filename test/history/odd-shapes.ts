import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp, type Document } from 'mongodb';
import fc from 'fast-check';
import { beforeAll, beforeEach, afterAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../support/database';
import { runSchema, serverEnvironment, type Ended } from '../support/schema-command';
import { seed } from '../support/seed';
import { indexOn, makeSmallProject, type SmallProject } from '../support/small-project';

/** To be called in a file: so many cases of each table, and so many generated shapes of each kind of document. */
export function testOddShapes({ cases, runs }: { cases: number; runs: number }): void {
  const fast = { numRuns: runs, endOnFailure: true, seed };
  const database = useDatabase();
  let project: SmallProject | undefined;
  const made = () => project ?? expect.fail('the project exists only inside hooks and tests');
  beforeAll(async () => {
    project = await makeSmallProject({
      users: "createCollections('users')",
      emails: `createIndexes('users', [${indexOn('email')}])`,
    });
  });
  afterAll(() => project?.remove());
  beforeEach(() => database.db.dropDatabase());

  const schema = (...args: string[]): Promise<Ended> =>
    runSchema(made(), [...args, '--json'], serverEnvironment(database.name));
  const rows = () => database.db.collection('changelog');
  const documentOf = ({ stdout, stderr }: Ended) => {
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  describe('A row of the changelog without a usable date', () => {
    const dates: [string, Document][] = [
      ['nothing', {}],
      ['null', { appliedAt: null }],
      ['a text', { appliedAt: '2026-01-31' }],
      ['0', { appliedAt: 0 }],
      ['a number', { appliedAt: 1_769_851_800_000 }],
      ['false', { appliedAt: false }],
      ['a timestamp', { appliedAt: new Timestamp({ t: 1, i: 1 }) }],
      ['an object', { appliedAt: { $numberLong: '1' } }],
    ];

    it.each(dates.slice(0, cases))(
      'stands for a migration that is applied all the same: %s',
      async (_title, { appliedAt }) => {
        const [users, emails] = made().names;
        await schema('deploy');
        const change =
          appliedAt === undefined ? { $unset: { appliedAt: '' } } : { $set: { appliedAt: appliedAt as unknown } };
        await rows().updateOne({ fileName: emails }, change);
        expect(await schema('status')).toMatchObject({ exitCode: 0 });
        expect(documentOf(await schema('deploy'))).toMatchObject({ applied: [] });
        expect(documentOf(await schema('plan'))).toMatchObject({ pending: [] });
        expect(documentOf(await schema('drift'))).toMatchObject({ drift: 0 });
        // The last one goes first, whatever its row holds.
        expect(documentOf(await schema('rollback', '--steps', '1', '--yes'))).toMatchObject({
          rolledBack: [{ name: emails }],
          applied: [users],
        });
      },
    );
  });

  const looking = [
    ['status'],
    ['plan'],
    ['deploy', '--dry-run'],
    ['rollback', '--steps', '1', '--dry-run'],
    ['history'],
    ['drift'],
    ['unlock'],
    ['health', '--once'],
  ];
  const writing = [
    ['deploy', '--lock-timeout', '0'],
    ['rollback', '--steps', '1', '--yes', '--lock-timeout', '0'],
    ['accept', '--migration', 'users', '--reason', 'a test', '--lock-timeout', '0'],
    ['baseline', '--lock-timeout', '0'],
    ['unlock', '--force'],
  ];

  /** No verb ends with what a wrong shape does to JavaScript. */
  function expectNoAccident(verb: readonly string[], { exitCode, stdout, stderr }: Ended): void {
    const said = `${verb.join(' ')} ended ${exitCode ?? 'early'}: ${stdout}${stderr}`;
    expect(said).not.toMatch(
      /TypeError|RangeError|ReferenceError|is not a function|Cannot read prop|not iterable|Invalid time value|undefined/,
    );
    if (exitCode === 1 && verb[0] !== 'health') expect(said).not.toContain('"code": "FAILED"');
  }

  async function runAll(verbs: readonly (readonly string[])[]): Promise<Map<string, Ended>> {
    const ended = new Map<string, Ended>();
    for (const verb of verbs) {
      const result = await schema(...verb);
      expectNoAccident(verb, result);
      ended.set(verb[0] ?? '', result);
    }
    return ended;
  }

  describe('A row that names no migration', () => {
    const nameless: [Document][] = [
      [{ fileName: 5 }],
      [{ fileName: null }],
      [{}],
      [{ fileName: ['a.ts'] }],
      [{ _id: { deep: [1] }, fileName: {} }],
    ];
    it.each(nameless.slice(0, cases))('is reported by every verb that reads the history: %j', async (row) => {
      await schema('deploy');
      await rows().insertOne(row);
      const ended = await runAll([...looking, ...writing.slice(0, 4)]);
      for (const verb of ['status', 'plan', 'deploy', 'rollback', 'drift', 'accept', 'baseline']) {
        expect(documentOf(ended.get(verb) ?? expect.fail(verb)), verb).toMatchObject({ error: { code: 'HISTORY' } });
        expect(ended.get(verb)?.exitCode).toBe(4);
      }
      expect(ended.get('health')?.exitCode).toBe(0);
    });
  });

  /** Anything that may stand in a field. */
  const garbage = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      'text',
      'a\u001b[2Jb',
      -1,
      0,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      true,
      false,
    ),
    fc.constantFrom<unknown>([], [null], [[{}]], {}, { a: { b: [null, { c: 1 }] } }, { toString: 1 }, { length: -1 }),
    fc.constantFrom<unknown>(
      new ObjectId(new Uint8Array(12)),
      new Date(Number.NaN),
      new Date(8.64e15),
      new Date(0),
      new Timestamp({ t: 4294967295, i: 1 }),
    ),
    fc.constantFrom<unknown>(
      Long.MAX_VALUE,
      new Decimal128('NaN'),
      new MinKey(),
      new MaxKey(),
      new Binary(Buffer.from('x')),
      /x/,
    ),
  );

  const eventShapes = fc.record(
    Object.fromEntries(
      [
        'type',
        'attempt',
        'migration',
        'direction',
        'checksum',
        'commit',
        'versions',
        'token',
        'sequence',
        'changes',
        'data',
        'work',
        'milliseconds',
        'error',
        'reason',
        'user',
        'host',
        'pid',
        'at',
      ].map((name) => [name, garbage]),
    ),
    { requiredKeys: [] },
  );
  const lockShapes = fc.record(
    {
      owner: fc.oneof(
        garbage,
        fc.record({ id: garbage, purpose: garbage, user: garbage, host: garbage, pid: garbage }, { requiredKeys: [] }),
      ),
      token: garbage,
      taken_at: garbage,
      recording: fc.oneof(garbage, fc.record({ migration: garbage, direction: garbage }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  );

  describe('Whatever shape the documents of the tool have, no verb ends in an accident', () => {
    it('in events', { timeout: 300_000 }, async () => {
      const realistic = fc.record({
        type: fc.constantFrom('started', 'finished', 'failed', 'interrupted', 'accepted', 'restored'),
        token: fc.integer({ min: 1, max: 9 }),
        sequence: fc.integer({ min: 10, max: 99 }),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(eventShapes, fc.boolean(), realistic), { minLength: 1, maxLength: 6 }),
          async (shapes) => {
            await database.db.dropDatabase();
            await schema('deploy');
            const events = database.db.collection('schema_history');
            await events.dropIndexes();
            await events.insertMany(
              shapes.map(([shape, isRealistic, fields]) => ({
                ...shape,
                ...(isRealistic && { migration: made().names[1], ...fields }),
              })),
            );
            await runAll([...looking, ...writing]);
          },
        ),
        fast,
      );
    });

    it('in the lease', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(lockShapes, async (shape) => {
          await database.db.dropDatabase();
          await schema('deploy');
          const expires_at = new Date(Date.now() + 60_000);
          await database.db
            .collection<{ _id: string }>('schema_lock')
            .replaceOne({ _id: 'lease' }, { token: 5, expires_at, ...shape });
          await runAll([...looking, ...writing]);
        }),
        fast,
      );
    });

    it('in the marker of a restore', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record(
            { file: garbage, safety: garbage, since: garbage, user: garbage, host: garbage, pid: garbage },
            { requiredKeys: [] },
          ),
          async (shape) => {
            await database.db.dropDatabase();
            await database.db.collection<{ _id: string }>('schema_lock').insertOne({ _id: 'restore', ...shape });
            const ended = await runAll(writing.slice(0, 1));
            expect(ended.get('deploy')?.exitCode).toBe(4);
          },
        ),
        fast,
      );
    });
  });
}
