import { describe, expect, it } from 'vitest';
import { irreversibleSteps, type Direction, type Migration } from '../../src/migration';
import { canonicalJson, diff, fold, type Schema } from '../../src/schema';
import { foldsOf, movesOf, Replay, type Move } from '../../src/watch';
import { makeByHand } from './by-hand';
import { useDatabase } from './database';
import { everyHalfDoneState, oneHalfDoneState } from './half-done';

export interface ReplayOptions {
  /** The half-done states from which each migration is applied. */
  readonly halfDone: 'one' | 'all';
  /** The name of the migration to replay after its predecessors. The default is all. */
  readonly only?: string | undefined;
}

/**
 * Defines tests that replay migrations on a server, with any verbs: each goes up, down, and up again, and starts from
 * half-done states. A migration that cannot be undone does not go down; the state before it is rebuilt from its predecessors.
 */
export function replay(migrations: readonly Migration[], { halfDone, only }: ReplayOptions): void {
  const server = useReplayed(migrations);
  for (const [at, { name, steps, changes }] of migrations.entries()) {
    if (only !== undefined && name !== only) continue;
    const [before, after] = [at, at + 1];
    const points = { before, after };
    const reasons = irreversibleSteps(steps);
    const all = (outcome: string) => changes.map(() => outcome);

    describe(name, () => {
      const [last, ...first] = movesOf(reasons).toReversed();
      const moveTest = ({ title, from, direction, to, outcome }: Move) => {
        it(title, () =>
          server.from(points[from], async () => {
            expect(await server.run(at, direction)).toEqual(all(outcome));
            return points[to];
          }),
        );
      };
      for (const move of first.toReversed()) moveTest(move);

      if (reasons.length > 0) {
        it(`refuses to go down, so that is skipped: ${reasons.join('; ')}`, () =>
          server.from(after, async () => {
            await expect(server.run(at, 'down')).rejects.toMatchObject({ code: 'IRREVERSIBLE' });
            return after;
          }));
      }

      const states = (halfDone === 'all' ? everyHalfDoneState : oneHalfDoneState)(changes, server.schemaAt(before));
      for (const { what, byHand } of states) {
        it(`does only the rest when ${what} was done by hand`, () =>
          server.from(before, async () => {
            for (const change of byHand) await makeByHand(server.db, change);
            await server.expectSchema(fold(byHand, server.schemaAt(before)));
            const expected = changes.map((change) => (byHand.includes(change) ? 'already' : 'done'));
            expect(await server.run(at, 'up')).toEqual(expected);
            await server.expectAt(after);
            if (reasons.length > 0) return after;
            expect(await server.run(at, 'down')).toEqual(all('done'));
            return before;
          }));
      }

      if (last) moveTest(last);
    });
  }
  if (only === undefined) replayAllTheWayDown(migrations, server);
}

function replayAllTheWayDown(migrations: readonly Migration[], server: Replayed): void {
  const oneWay = migrations.filter(({ steps }) => irreversibleSteps(steps).length > 0).map(({ name }) => name);
  const past = oneWay.length > 0 ? `, past ${oneWay.join(', ')}, which cannot be undone` : '';
  it(`goes all the way down to an empty database${past}`, async () => {
    for (const [at, { name }] of [...migrations.entries()].toReversed()) {
      if (oneWay.includes(name)) continue;
      await server.from(at + 1, async () => {
        await server.run(at, 'down');
        return at;
      });
    }
  });
}

type Replayed = ReturnType<typeof useReplayed>;

/** Returns a database at some point of the migrations: point 0 is before the first one, point 1 after it. */
function useReplayed(migrations: readonly Migration[]) {
  const database = useDatabase();
  let made: Replay | undefined;
  const replay = () => (made ??= new Replay(database.db, migrations, 0));
  const expectSchema = async (expected: Schema) => {
    const schema = await replay().live();
    expect(diff(expected, schema)).toEqual([]);
    expect(canonicalJson(schema)).toBe(canonicalJson(expected));
  };
  const schemas = foldsOf(migrations);
  const schemaAt = (at: number) => schemas[at] ?? {};
  /** Expects the schema of a point, and that a data step before it is done. */
  const expectAt = async (at: number) => {
    await expectSchema(schemaAt(at));
    expect(await replay().differencesAt(at)).toEqual([]);
  };
  return {
    get db() {
      return database.db;
    },
    run: (at: number, direction: Direction) => replay().run(at, direction),
    schemaAt,
    expectSchema,
    expectAt,
    /** Works from a point, and expects that the database is then at the point that the work returns. */
    from: (at: number, work: () => Promise<number>) => replay().from(at, work, expectAt),
  };
}
