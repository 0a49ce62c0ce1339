import { describe, expect, it } from 'vitest';
import {
  foldMigrations,
  isDataStep,
  isOpaque,
  whyIrreversible,
  type Direction,
  type Migration,
} from '../../src/migration';
import { runMigration } from '../../src/execute';
import { canonicalJson, diff, documentKeysOf, fold, type Schema } from '../../src/schema';
import { readSchema } from '../../src/database';
import { makeByHand } from './by-hand';
import { useDatabase } from './database';
import { everyHalfDoneState, oneHalfDoneState } from './half-done';
import { sessionOn } from './migrations';

export interface ReplayOptions {
  /** The states between before and after from which each one goes up. */
  readonly halfDone: 'one' | 'all';
  /** The name of the one that is replayed, on top of its predecessors; every one unless given. */
  readonly only?: string | undefined;
}

/**
 * The tests that replay migrations on a server, whatever verbs they are made of: each goes up, down, and up again, and from
 * half-done states. One that cannot be undone does not go down; what was before it is made anew from its predecessors.
 */
export function replay(migrations: readonly Migration[], { halfDone, only }: ReplayOptions): void {
  const server = useReplayed(migrations);
  for (const [at, { name, steps, changes }] of migrations.entries()) {
    if (only !== undefined && name !== only) continue;
    const [before, after] = [at, at + 1];
    const reasons = reasonsAgainstGoingDown(steps);
    const all = (outcome: string) => changes.map(() => outcome);

    describe(name, () => {
      it('goes up to what its changes fold to', () =>
        server.from(before, async () => {
          expect(await server.run(at, 'up')).toEqual(all('done'));
          return after;
        }));

      it('changes nothing when it goes up once more', () =>
        server.from(after, async () => {
          expect(await server.run(at, 'up')).toEqual(all('already'));
          return after;
        }));

      if (reasons.length > 0) {
        it(`refuses to go down, so that is skipped: ${reasons.join('; ')}`, () =>
          server.from(after, async () => {
            await expect(server.run(at, 'down')).rejects.toMatchObject({ code: 'IRREVERSIBLE' });
            return after;
          }));
      } else {
        it('goes down to what was before it', () =>
          server.from(after, async () => {
            expect(await server.run(at, 'down')).toEqual(all('done'));
            return before;
          }));

        it('changes nothing when it goes down once more', () =>
          server.from(before, async () => {
            expect(await server.run(at, 'down')).toEqual(all('already'));
            return before;
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

      it('goes up again to the same', () =>
        server.from(before, async () => {
          expect(await server.run(at, 'up')).toEqual(all('done'));
          return after;
        }));
    });
  }
  if (only === undefined) replayAllTheWayDown(migrations, server);
}

function replayAllTheWayDown(migrations: readonly Migration[], server: Replayed): void {
  const oneWay = migrations.filter(({ steps }) => reasonsAgainstGoingDown(steps).length > 0).map(({ name }) => name);
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

/** A database that stands at some point of the migrations: at 0 before the first one, at 1 after it. */
function useReplayed(migrations: readonly Migration[]) {
  const database = useDatabase();
  const schemas: readonly Schema[] = [{}, ...migrations.map((_, at) => foldMigrations(migrations.slice(0, at + 1)))];
  const documents = documentKeysOf(migrations);
  /** Unknown after a test that failed. */
  let standsAt: number | undefined = 0;
  let newest = -1;

  const run = async (at: number, direction: Direction) => {
    newest = Math.max(newest, at);
    // What a data step leaves behind keeps no collection here from being dropped; nothing else may hold documents.
    const allowDataLoss = migrations.slice(0, newest + 1).some(({ steps }) => steps.some(isDataStep));
    const session = await sessionOn(database.db, { allowDataLoss });
    const { changes } = await runMigration(session, migrations[at] as Migration, direction);
    return changes.map(({ outcome }) => outcome);
  };
  const schemaAt = (at: number) => schemas[at] ?? {};
  const expectSchema = async (expected: Schema) => {
    const { schema } = await readSchema(database.db, { documents });
    expect(diff(expected, schema)).toEqual([]);
    expect(canonicalJson(schema)).toBe(canonicalJson(expected));
  };
  const expectAt = async (at: number) => {
    await expectSchema(schemaAt(at));
    for (const step of migrations
      .slice(at - 1, at)
      .flatMap(({ steps }) => steps.filter(isDataStep))
      .filter((step) => !isOpaque(step))) {
      expect(await step.isDone(database.db), `whether nothing is left to do: ${step.describe.join('; ')}`).toBe(true);
    }
  };
  const standAt = async (wanted: number) => {
    if (standsAt === wanted) return;
    await database.db.dropDatabase();
    for (let at = 0; at < wanted; at++) await run(at, 'up');
  };
  return {
    get db() {
      return database.db;
    },
    run,
    schemaAt,
    expectSchema,
    /** Expects the schema of a point, and that the data step before it, if it is one, has nothing left to do. */
    expectAt,
    /** Works from one point, and expects that the database then stands at the point that the work names. */
    from: async (at: number, work: () => Promise<number>) => {
      await standAt(at);
      standsAt = undefined;
      const reached = await work();
      await expectAt(reached);
      standsAt = reached;
    },
  };
}

function reasonsAgainstGoingDown(steps: Migration['steps']): string[] {
  return steps.flatMap((step) => whyIrreversible(step) ?? []);
}
