import { expect, it } from 'vitest';
import { rejection, useSmallHistory } from './small-history';

const history = useSmallHistory();
const last = '20260104000000-last.ts';
const users = () => history.db.collection('users');

it.each([
  [
    'documents with both fields of a renameField',
    "renameField('users', 'nick', 'alias')",
    'users: 2 documents have both nick and alias, with different values',
  ],
  [
    'arrays in the key of a removeDuplicates',
    "createCollections('removed_users'), removeDuplicates('users', { key: ['alias'], keep: { newest: '_id' }, reason: 'a test' })",
    'users: 1 document has an array in alias',
  ],
  [
    'duplicates that would go',
    "createCollections('removed_users'), removeDuplicates('users', { key: ['nick'], keep: { newest: '_id' }, reason: 'a test' })",
    'users: 1 document would be removed',
  ],
])('A deploy is refused before its first write for %s', async (_, steps, finding) => {
  await history.deploy();
  await users().insertMany([
    { email: '1', nick: 'a', alias: 'b' },
    { email: '2', nick: 'a', alias: ['c'] },
    { email: '3', nick: 'd', alias: 'd' },
  ]);
  await history.write(last, steps);
  const before = await history.contents();
  const error = await rejection(history.deploy());
  expect(error).toMatchObject({ code: 'PREFLIGHT' });
  expect(error.message).toContain(finding);
  expect(await history.contents()).toEqual(before);
});

it('A deploy that may lose them sets duplicates aside, and a rollback puts them back', async () => {
  await history.deploy();
  await users().insertMany(['1', '2', '3'].map((email) => ({ email, nick: email === '3' ? 'b' : 'a' })));
  const before = await users().find().sort({ _id: 1 }).toArray();
  await history.write(
    last,
    "createCollections('removed_users'), removeDuplicates('users', { key: ['nick'], keep: { newest: '_id' }, reason: 'a test' })",
  );
  await history.deploy({ allowDataLoss: ['last'] });
  expect(await users().distinct('email')).toEqual(['2', '3']);
  expect(await history.db.collection('removed_users').distinct('email')).toEqual(['1']);
  await history.rollback({ steps: 1 });
  expect(await users().find().sort({ _id: 1 }).toArray()).toEqual(before);
  expect(await history.db.listCollections({ name: 'removed_users' }).toArray()).toEqual([]);
});

it('A deploy with a typo in a data step is refused, and changes nothing', async () => {
  await history.deploy();
  await history.write(last, "backfill('usres', { filter: { a: null }, update: { $set: { a: 1 } } })");
  const before = await history.contents();
  const error = await rejection(history.deploy());
  expect(error).toMatchObject({ code: 'FOLD' });
  expect(error.message).toContain('did you mean users?');
  expect(await history.contents()).toEqual(before);
});
