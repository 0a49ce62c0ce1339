import { describe, expect, it } from 'vitest';
import { judge } from '../../src/indexes/judge';
import { sumUp } from '../../src/indexes/use';

const day = 86_400;
const now = new Date('2026-02-01T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * day * 1000);

describe('What several members have counted', () => {
  const member = (host: string, ops: number, days: number, isBuilding = false) => ({
    host,
    isPrimary: host === 'one',
    found: { now, accesses: [{ collection: 'c', name: 'a_1', ops, since: daysAgo(days), isBuilding }] },
  });

  it('is added up, each over its own time, since the newest of their beginnings', () => {
    const [use] = sumUp([
      member('one', 100, 10),
      member('two', 6, 2),
      { host: 'three', isPrimary: false, problem: 'x' },
    ]);
    expect(use).toMatchObject({ ops: 106, opsPerDay: 13, since: daysAgo(2), seconds: 2 * day, isBuilding: false });
    expect(use?.members.map(({ host }) => host)).toEqual(['one', 'two']);
  });

  it('says nothing of a day within the first hour, and is a build where one of them builds', () => {
    const [use] = sumUp([member('one', 100, 10), member('two', 6, 1 / 25, true)]);
    expect(use).not.toHaveProperty('opsPerDay');
    expect(use).toMatchObject({ isBuilding: true });
  });
});

describe('An index without a query', () => {
  const use = { ops: 0, seconds: 7 * day, isBuilding: false };
  const options = { redundantTo: undefined, window: 7 * day, isWhole: true };
  const plain = { key: { a: 1 } } as const;

  it.each([
    ['unused once the window is over', plain, use, options, ['unused']],
    ['not, one second before', plain, { ...use, seconds: 7 * day - 1 }, options, ['not used yet']],
    ['not, where it was used once', plain, { ...use, ops: 1 }, options, []],
    ['not, where it is unique', { ...plain, unique: true }, use, options, []],
    ['not, where it expires documents', { ...plain, expireAfterSeconds: 1 }, use, options, []],
    ['not, while it is built', plain, { ...use, isBuilding: true }, options, ['building']],
    ['not known, where a member is silent', plain, use, { ...options, isWhole: false }, ['not known']],
    [
      'used, where a member is silent and another tells so',
      plain,
      { ...use, ops: 1 },
      { ...options, isWhole: false },
      [],
    ],
    ['not known, where nobody told of it', plain, undefined, options, ['not known']],
    ['hidden as well', { ...plain, hidden: true }, use, options, ['hidden', 'unused']],
    ['redundant as well', plain, use, { ...options, redundantTo: 'a_1_b_1' }, ['unused', 'redundant']],
  ] as const)('is %s', (_title, index, used, given, flags) => {
    expect(judge(index, used, given)).toEqual(flags);
  });
});
