import { expect, inject, it, vi } from 'vitest';
import { baseline } from '../../src/deploy';
import { clearUnfinished, markUnfinished } from '../../src/history';
import { findMigrations, loadMigrations } from '../../src/project';
import { rejection, useSmallHistory } from './small-history';

const history = useSmallHistory();

/** Every way to apply a migration, to take one back, or to say that it is applied. */
const runs: Readonly<Record<string, () => Promise<unknown>>> = {
  deploy: () => history.deploy(),
  rollback: () => history.rollback({ steps: 1 }),
  baseline: () => baseline(history.target),
  'migrate-mongo up': async () => {
    vi.stubEnv('MONGODB_URL', inject('mongodb').url);
    const [, , last] = loadMigrations(findMigrations(history.folder));
    await last?.up(history.db).finally(() => vi.unstubAllEnvs());
  },
};

it.each(Object.entries(runs))('A half restored database is refused by %s, with the fix', async (_, run) => {
  await history.deploy({ to: 'emails' });
  await markUnfinished(history.db, { file: '/backups/wanted.tar.gz', safety: '/backups/before.tar.gz' });
  const before = await history.contents();
  const { code, message } = await rejection(run());
  expect(code).toBe('HISTORY');
  expect(message).toMatch(/why {4}A restore of \/backups\/wanted\.tar\.gz by .* did not finish/);
  expect(message).toContain('The previous data are in /backups/before.tar.gz on ');
  expect(message).toContain('fix    restore one of the two files with `restore FILE --drop`');
  expect(await history.contents()).toEqual(before);
  await clearUnfinished(history.db);
  await history.deploy();
  expect(await history.recorded()).toHaveLength(3);
});
