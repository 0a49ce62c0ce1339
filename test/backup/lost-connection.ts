import { beforeEach, describe, expect, it } from 'vitest';
import { isHeld, readUnfinished } from '../../src/history';
import { useDatabase } from '../support/database';
import { describePoint, pointCounter, pointRecorder } from '../support/points';
import { startProxy, type SentCommand } from '../support/proxy';
import { backupOf, fillResults, hashOf, restoreInto, temporaryFolder } from './support';

const putBack = /^Cannot restore [^]+\n +the database is in its previous state/;

/** To be called in a file: a restore loses its connection at such a command to the collection that it restores. */
export function testLostConnection(commands: readonly string[]): void {
  const restoring = useRestore();

  describe('A database that is restored', () => {
    it.each(commands)('is as it was before when the connection is lost at %s', async (command) => {
      const before = await restoring.prepare();
      let cuts = 0;
      // Twice: a driver sends an insert once more.
      const error = await restoring.restore(
        ({ name, collection }) => name === command && collection === 'restoring_results' && ++cuts <= 2,
      );
      expect(error?.message).toMatch(putBack);
      expect(cuts).toBeGreaterThan(0);
      expect(await hashOf(restoring.db)).toEqual(before);
      expect(await restoring.db.collection('others').indexes()).toHaveLength(2);
      expect(await isHeld(restoring.db)).toBe(false);
    });
  });
}

/** To be called in a file: a restore loses its connection at one of its commands after the other. */
export function testLostConnectionAnywhere(): void {
  const restoring = useRestore();

  describe('A database that is restored', () => {
    it('is restored, or as it was before, wherever the connection is lost', { timeout: 600_000 }, async () => {
      await restoring.prepare();
      const { points, record } = pointRecorder();
      const isNone = (command: SentCommand) => {
        record(command);
        return false;
      };
      expect(await restoring.restore(isNone)).toBeUndefined();
      const restored = await hashOf(restoring.db);
      expect(points.length).toBeGreaterThan(40);

      const failures: string[] = [];
      const endings = new Set<string>();
      for (const { kind, occurrence } of points) {
        const before = await restoring.prepare();
        const toPoint = pointCounter();
        // Twice: a driver sends most commands once more.
        const error = await restoring.restore((command) => {
          const point = toPoint(command);
          return point.kind === kind && [occurrence, occurrence + 1].includes(point.occurrence);
        });
        const ending = endingOf(error);
        endings.add(ending);
        const [after, unfinished] = [await hashOf(restoring.db), await readUnfinished(restoring.db)];
        try {
          expect(unfinished).toBeNull();
          // A restore that lost its connection when all was done says so as well.
          expect({ restored: [restored], 'put back': [before], failed: [before, restored] }[ending]).toContainEqual(
            after,
          );
        } catch (reason) {
          failures.push(`${describePoint({ kind, occurrence })}, ${error?.message ?? 'restored'}: ${String(reason)}`);
        }
      }
      expect(failures).toEqual([]);
      expect(endings).toEqual(new Set(['restored', 'put back', 'failed']));
    });
  });
}

function endingOf(error: Error | undefined): 'restored' | 'put back' | 'failed' {
  if (error === undefined) return 'restored';
  if (putBack.test(error.message)) return 'put back';
  return 'failed';
}

/** A database of another content than the backup that it is restored from. */
function useRestore() {
  const database = useDatabase();
  let file = '';
  beforeEach(async () => {
    await database.db.dropDatabase();
    await fillResults(database.db, 500);
    await database.db.collection('results').createIndex({ number: 1 });
    ({ file } = await backupOf(database.name, await temporaryFolder()));
  });
  return {
    get db() {
      return database.db;
    },
    /** Gives the database its other content; resolves to the hash of that. */
    prepare: async () => {
      await database.db.dropDatabase();
      await database.db.collection('others').insertMany([{ a: 1 }, { a: 2 }]);
      await database.db.collection('others').createIndex({ a: 1 }, { unique: true }, {});
      return hashOf(database.db);
    },
    /** Restores over a connection that ends before the commands that are lost. Resolves to the error, if any. */
    restore: async (isLost: (command: SentCommand) => boolean): Promise<Error | undefined> => {
      const proxy = await startProxy(database.url, (command) => (isLost(command) ? { cut: 'before' } : undefined));
      try {
        await restoreInto(database.name, file, { url: proxy.url, drop: true });
        return undefined;
      } catch (error) {
        return error as Error;
      } finally {
        await proxy.close();
      }
    },
  };
}
