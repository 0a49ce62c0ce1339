import { describe, expect, it } from 'vitest';
import { resumeRestore, undoRestore } from '../../src/backup';
import { readUnfinished } from '../../src/history';
import { isSchemaError } from '../../src/support/schema-error';
import { failuresOf, messageOf } from '../faults/failures';
import { withDatabase, type TestDatabase } from '../support/database';
import { describePoint, pointRecorder, treatAt, type Point } from '../support/points';
import { startProxy, type Treat } from '../support/proxy';
import { dieHalfWay } from './cut-off';
import { namesOfRestores } from './support';
import { stateOf } from './swapping';

/** The functions that end an unfinished restore, by the option of `restore`. */
const ends = { '--undo': undoRestore, '--resume': resumeRestore } as const;
type End = keyof typeof ends;

const leaseSeconds = 2;

/** The commands that a run sends before all others: about the server, and about the user's privileges. */
const isFirstQuestion = (kind: string) => /^(?:hello|buildInfo|connectionStatus|getParameter|ping)\b/.test(kind);

/** Declares the tests. In each case, one command of `--undo` or `--resume` never gets an answer. `all` tries every command in turn. */
export function testUnanswered(cases: readonly (readonly [by: End, commands: readonly Point[] | 'all'])[]): void {
  describe('A restore that was cut off is ended, though a command of that is never answered', () => {
    it.each(cases)('by restore %s', { timeout: 600_000 }, async (by, commands) => {
      const points = commands === 'all' ? await commandsOf(by) : commands;
      const [givenUp, refused]: [string[], string[]] = [[], []];
      const attempt = ({ point, swallow }: Loss) =>
        withDatabase(async (database) => {
          const { db } = database;
          const { before, after } = await dieHalfWay(database);
          const wanted = by === '--undo' ? before : after;
          const treat = treatAt(point, () => ({ swallow }));
          const warnings = await end(by, database, treat).catch((error: unknown) => {
            // Commands before the lease is taken are not retried.
            if (isSchemaError(error) && ['CONNECTION_FAILED', 'NO_ANSWER'].includes(error.code)) return undefined;
            throw error;
          });
          if (warnings === undefined) {
            refused.push(point.kind);
            await end(by, database, () => undefined);
          } else if (warnings.some((warning) => warning.startsWith('the server does not answer ')))
            givenUp.push(point.kind);
          expect(await stateOf(db)).toEqual(wanted);
          expect(await namesOfRestores(db)).toEqual([]);
          expect(await readUnfinished(db)).toBeNull();
        });
      const losses = points.map((point, at): Loss => ({ point, swallow: at % 2 === 0 ? 'reply' : 'command' }));
      const named = (loss: Loss) =>
        attempt(loss).catch((error: unknown) => {
          const what = `${describePoint(loss.point)}, its ${loss.swallow} is lost`;
          throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
        });
      expect(await failuresOf(losses, 4, named)).toEqual([]);
      console.log(`given up: ${givenUp.join(', ')}; refused: ${refused.join(', ')}`);
      expect(givenUp.length).toBeGreaterThan(points.length / 4);
      expect(refused.filter((kind) => !isFirstQuestion(kind))).toEqual([]);
    });
  });
}

interface Loss {
  readonly point: Point;
  readonly swallow: 'command' | 'reply';
}

/** Ends the restore through a proxy. Resolves to the warnings. */
async function end(by: End, { name, url }: TestDatabase, treat: Treat): Promise<string[]> {
  const proxy = await startProxy(url, treat);
  const warnings: string[] = [];
  try {
    await ends[by]({
      url: proxy.url,
      database: name,
      leaseSeconds,
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message);
      },
    });
    return warnings;
  } finally {
    await proxy.close();
  }
}

/** Returns the commands that ending the restore sends. */
async function commandsOf(by: End): Promise<readonly Point[]> {
  const { points, record } = pointRecorder();
  await withDatabase(async (database) => {
    await dieHalfWay(database);
    await end(by, database, record);
  });
  expect(points.length).toBeGreaterThan(20);
  return points;
}
