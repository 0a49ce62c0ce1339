import { beforeAll, describe, expect, it } from 'vitest';
import { planOn } from '../../src/deploy';
import { addValidator, backfill, migration, run, type Step } from '../../src/migration';
import { useDatabase } from '../support/database';

const database = useDatabase();
beforeAll(() => database.db.collection('people').insertOne({ age: 'unknown' }));

async function plan(...migrations: Step[][]) {
  const pending = migrations.map((steps, at) => migration(`2026010${at + 1}000000-test.ts`, ...steps));
  return (await planOn(database.db, pending, pending, { trial: { isReplicaSet: true, mayWrite: false } })).flatMap(
    ({ changes }) => changes,
  );
}

describe('What an earlier pending migration writes to is looked at later', () => {
  const numbers = () => addValidator('people', { age: { $type: 'number' } });
  const writes = (collections?: string[]) =>
    run('mend', {
      isDone: () => Promise.resolve(false),
      run: () => Promise.resolve(),
      undo: 'nothing to undo',
      ...(collections && { writes: collections }),
    });

  it.each([
    ['a backfill', backfill('people', { filter: { age: 'unknown' }, update: { $set: { age: 0 } } }), true],
    ['a backfill of others', backfill('teams', { filter: { a: 1 }, update: { $set: { a: 0 } } }), false],
    ['a step that tells what it writes', writes(['people']), true],
    ['a step that writes others', writes(['teams']), false],
    ['a step that does not tell', writes(), true],
  ])('%s', async (_title, step, isCheckedLater) => {
    const [change] = await plan([step], [numbers()]);
    expect(change).toMatchObject({ verdict: 'pending', isCheckedLater });
    expect(change?.findings).toHaveLength(isCheckedLater ? 0 : 1);
    expect((await plan([numbers()], [step]))[0]).toMatchObject({ isCheckedLater: false, findings: [{}] });
  });
});
