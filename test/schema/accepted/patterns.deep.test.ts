import fc from 'fast-check';
import { expect, it } from 'vitest';
import { patternProblem } from '../../../src/schema/accepted/patterns';
import { useDatabase } from '../../support/database';
import { seed } from '../../support/seed';

const database = useDatabase();

const parts = [
  ...'a b é - z ( ) [ ] { } | . ^ $ * + ? #'.split(' '),
  ...'{2} {1,2} {,3} {2,1} {3,} \\d \\w \\b \\n \\z \\0 \\12 \\R \\K \\h \\N \\X \\cA \\\\ \\x41 \\x{41} \\p{L} \\pL \\Q \\E'.split(
    ' ',
  ),
  ...'(?: (?= (?! (?<= (?<! (?<n> (?> (?| (?i) (?x) (?n) (?-i: (?# (?R) (?1) (*F) (?(1) [^ [:alpha:] && \\1 \\2 \\k<n> \\g{1}'.split(
    ' ',
  ),
];
const patterns = fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 }).map((some) => some.join(''));

it('Whether the server can read a pattern is known without it', async () => {
  await database.db.createCollection('patterns');
  await fc.assert(
    fc.asyncProperty(fc.array(patterns, { minLength: 40, maxLength: 40 }), async (some) => {
      const judged = some.map(async (pattern) => {
        const ours = patternProblem(pattern);
        const theirs = await database.db.command({ find: 'patterns', filter: { a: { $regex: pattern } } }).then(
          () => undefined,
          (error: unknown) => String(error),
        );
        // What a group that is referred to matches has a length that is not looked for.
        const isStricter = ours?.includes('lookbehind') === true;
        return (ours === undefined) === (theirs === undefined) || isStricter ? [] : [{ pattern, ours, theirs }];
      });
      expect((await Promise.all(judged)).flat()).toEqual([]);
    }),
    { numRuns: 60, seed },
  );
});
