import { expect, it } from 'vitest';
import { drift, plan } from '../../src/review';
import { planRollback, type RunEvent } from '../../src/deploy';
import { useSmallHistory } from './small-history';

const history = useSmallHistory();
const plans = () => history.db.collection<{ _id: string; seats: number }>('plans');
const [first, second, third] = [
  '20260104000000-plans.ts',
  '20260105000000-seats.ts',
  '20260106000000-no_pro.ts',
] as const;

async function shipped(): Promise<void> {
  await history.write(
    first,
    "createCollections('plans'), insertDocuments('plans', [{ _id: 'free', seats: 1 }, { _id: 'pro', seats: 2 }])",
  );
  await history.deploy();
}

it('Rows that people edited stay where a migration updates them: a deploy tells so, and goes through', async () => {
  await shipped();
  await plans().updateOne({ _id: 'free' }, { $set: { seats: 7 } });
  await history.write(
    second,
    "updateDocuments('plans', ['free', 'pro'].map((_id, at) => ({ from: { _id, seats: at + 1 }, to: { _id, seats: at + 5 } })))",
  );
  const events: RunEvent[] = [];
  const message = `${second}: document "free" of plans: this document was edited by hand, so it stays unchanged`;
  const [planned] = (await plan(history.target)).pending;
  expect(planned?.changes.map(({ verdict }) => verdict)).toEqual(['kept', 'pending']);
  const report = await history.deploy({ onEvent: (event) => events.push(event) });
  expect(report.applied[0]?.changes.map(({ outcome }) => outcome)).toEqual(['kept', 'done']);
  expect(events).toContainEqual({ type: 'note', message });
  expect(report.drift).toEqual(['document "free" of plans']);
  expect(await plans().find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 'free', seats: 7 },
    { _id: 'pro', seats: 6 },
  ]);
  expect((await drift(history.target)).findings).toMatchObject([{ kind: 'document edited', migration: second }]);

  await history.rollback({ steps: 1 });
  expect(await plans().find().sort({ _id: 1 }).toArray()).toEqual([
    { _id: 'free', seats: 7 },
    { _id: 'pro', seats: 2 },
  ]);
});

it('Rows that people edited go by the name of the migration that removes them', async () => {
  await shipped();
  await plans().updateOne({ _id: 'pro' }, { $set: { seats: 7 } });
  await history.write(third, "removeDocuments('plans', [{ _id: 'pro', seats: 2 }])");
  const events: RunEvent[] = [];
  await history.deploy({ onEvent: (event) => events.push(event) });
  const message = `${third}: document "pro" of plans: this document was edited by hand: it stays, unless the migration is allowed to lose data`;
  expect(events).toContainEqual({ type: 'note', message });
  expect(await plans().countDocuments({ _id: 'pro' })).toBe(1);

  const [planned] = (await planRollback({ ...history.target, steps: 1 })).toRollBack;
  expect(planned?.changes[0]).toMatchObject({ verdict: 'kept', findings: [{ kind: 'edited row' }] });
  await history.rollback({ steps: 1 });
  expect(await plans().findOne({ _id: 'pro' })).toEqual({ _id: 'pro', seats: 7 });
  await history.deploy({ allowDataLoss: [third] });
  expect(await plans().countDocuments({ _id: 'pro' })).toBe(0);
});
