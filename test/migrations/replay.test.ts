import { describe, expect, it } from 'vitest';
import { runMigration } from '../../src/migration';
import { canonicalJson, diff, fold, type Change } from '../../src/schema';
import { makeByHand } from '../support/by-hand';
import { useDatabase } from '../support/database';
import { liveSchema, projectMigrations, sessionOn } from '../support/migrations';

const migrations = projectMigrations();
const database = useDatabase();

it('finds migrations to replay', () => {
  expect(migrations.length).toBeGreaterThan(0);
});

// Each one runs on top of its predecessors, which the tests before it have left applied.
describe.each(migrations.map((migration, at) => ({ name: migration.name, migration, at })))(
  '$name',
  ({ migration, at }) => {
    const before = fold(migrations.slice(0, at).flatMap(({ changes }) => changes));
    const after = fold(migration.changes, before);
    const live = () => liveSchema(database.db, migrations);
    const run = async (direction: 'up' | 'down') => {
      const outcomes = await runMigration(await sessionOn(database.db), migration, direction);
      return outcomes.map(({ outcome }) => outcome);
    };

    it('goes up to what its changes fold to', async () => {
      expect(await run('up')).toEqual(migration.changes.map(() => 'done'));
      expect(diff(await live(), after)).toEqual([]);
      expect(canonicalJson(await live())).toBe(canonicalJson(after));
    });

    it('changes nothing when it goes up once more', async () => {
      expect(await run('up')).toEqual(migration.changes.map(() => 'already'));
      expect(canonicalJson(await live())).toBe(canonicalJson(after));
    });

    it('goes down to what was before it', async () => {
      expect(await run('down')).toEqual(migration.changes.map(() => 'done'));
      expect(canonicalJson(await live())).toBe(canonicalJson(before));
    });

    it('changes nothing when it goes down once more', async () => {
      expect(await run('down')).toEqual(migration.changes.map(() => 'already'));
      expect(canonicalJson(await live())).toBe(canonicalJson(before));
    });

    it.each(partsOf(migration.changes))('does only the rest when $what was done by hand', async ({ byHand }) => {
      for (const change of byHand) await makeByHand(database.db, change);
      expect(await run('up')).toEqual(
        migration.changes.map((change) => (byHand.includes(change) ? 'already' : 'done')),
      );
      expect(canonicalJson(await live())).toBe(canonicalJson(after));
      await run('down');
      expect(canonicalJson(await live())).toBe(canonicalJson(before));
    });

    it('goes up again to the same', async () => {
      await run('up');
      expect(canonicalJson(await live())).toBe(canonicalJson(after));
    });
  },
);

it('goes all the way down to an empty database', async () => {
  const session = await sessionOn(database.db);
  for (const migration of migrations.toReversed()) await runMigration(session, migration, 'down');
  expect(await liveSchema(database.db, migrations)).toEqual({});
});

/** Parts of a migration's changes: each alone, the first so many (an interrupted run), and every second one. */
function partsOf(changes: readonly Change[]): { what: string; byHand: Change[] }[] {
  const alone = changes.map((change) => ({ what: `${change.at.join('.')} alone`, byHand: [change] }));
  const first = changes.map((_, at) => ({ what: `the first ${at + 1}`, byHand: changes.slice(0, at + 1) })).slice(1);
  const second = { what: 'every second change', byHand: changes.filter((_, at) => at % 2 === 1) };
  return [...alone, ...first, ...(changes.length > 2 ? [second] : [])];
}
